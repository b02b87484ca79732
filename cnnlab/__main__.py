"""python -m cnnlab: the doctor."""

import sys

from cnnlab import doctor

sys.exit(doctor.main())

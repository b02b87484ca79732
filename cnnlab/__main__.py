"""python -m cnnlab: the doctor."""

import sys

from .course import doctor

sys.exit(doctor.main())

"""The toolbox of lesson 02 and the layer view of lesson 03 look through a camera."""

from lab import control, fresh_page, press, soon, source
from playwright.sync_api import expect

TOOLS = """
from functools import partial
from cnnlab import live, networks, pictures
from cnnlab.neurons import Toolbox, point_of, top_patches
from cnnlab.training.layer_view import show_layer

network = networks.load()
*_, index = top_patches(network, pictures.sample(count=12), ["features.3", "features.6"])
toolbox = Toolbox(index)
""", """
live.live(
    toolbox.play, autoplay=True, alt="The toolbox", width=470,
    picture=live.camera(227, 227, value="goldfish"), camera=live.toggle(False, restart=True, label="Pan"),
    layer=live.choice(["features.3", "features.6"], restart=True),
    channel=live.point(*point_of(1, 128), restart=True),
    rule=live.choice(["gradient", "guided"], restart=True),
)
""", """
live.live(
    partial(show_layer, network), alt="A layer", width=640, picture=live.camera(227, 227),
    layer=live.choice(["features.0", "features.6"]),
)
"""  # fmt: skip


def test_the_toolbox_and_the_layer_view_look_through_the_camera(lab, filming):
    with fresh_page(filming) as page:
        notebook = lab.open(page, lab.write("tools.ipynb", *TOOLS))
        notebook.run(timeout=300)
        for index in (0, 1):
            panel = notebook.show(index)
            press(panel, "Camera")
            expect(panel.locator(".cnnlab-status")).to_contain_text("ms behind", timeout=60_000)
            control(panel, "Layer", "combobox").select_option("features.6")
            shown = set()
            assert soon(lambda panel=panel, shown=shown: shown.add(source(panel)) or len(shown) > 6, 60)
            expect(panel.get_by_role("alert")).to_have_count(0)
            press(panel, "Stop")
            expect(panel.locator(".cnnlab-status")).not_to_contain_text("behind", timeout=30_000)

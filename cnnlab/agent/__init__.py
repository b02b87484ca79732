"""An agent that learned to play from its score alone, and what it knows of a game.

player = load()                                                      # it learned Space Invaders
states = collect(player, Atari(16, screens=True), 1500)              # with codes, values and screens
settings = PPOSettings(total_timesteps=300_000)
for update in train(CatchGame(64), CatchPolicy(), settings): ...     # a small one, while you wait
"""

from .atlas import Atlas
from .games import Atari, CatchGame, count_invaders
from .policy import CatchPolicy, Player, load
from .ppo import PPOSettings, train
from .rollouts import collect, scores
from .views import LOOKS, occlusion, play_view, training_view

__all__ = [
    "LOOKS", "Atari", "Atlas", "CatchGame", "CatchPolicy", "PPOSettings", "Player", "collect",
    "count_invaders", "load", "occlusion", "play_view", "scores", "train", "training_view",
]  # fmt: skip

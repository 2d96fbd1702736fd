"""Which model answers: the one that the policy names, unless this machine's settings say otherwise. One of each a process."""

import os
import threading
from collections.abc import Callable
from datetime import date
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.policy import Policy
from voicegit.ports import ChatModel, Distiller, Grouping, Judge

T = TypeVar("T")

TURN_WRITTEN = 1600
"""Characters that a turn writes, its assessment and thinking included: for estimates alone."""


@runtime_checkable
class _Warmable(Protocol):
    def warm(self, known: DirectiveSet, today: date) -> None: ...


class ChosenModels:
    """Fulfils `ports.Models`. `provider` is 'policy', 'local' or 'anthropic'."""

    def __init__(self, provider: str = "policy") -> None:
        self._provider = provider
        self._made: dict[str, Any] = {}
        self._making = threading.Lock()

    def chat(self, policy: Policy) -> ChatModel:
        if self._local(policy):
            return self._one("chat", _local_model)
        return self._one(f"chat {policy.models.turn}", lambda: _anthropic_model(policy.models.turn))

    def distiller(self, policy: Policy) -> Distiller:
        if self._local(policy):
            return self._one("distiller", _local_distiller)
        return self._one(f"distiller {policy.models.distillation}", lambda: _anthropic_distiller(policy.models.distillation))

    def grouping(self) -> Grouping:
        return self._one("grouping", _grouping)

    def judge(self, policy: Policy) -> Judge | None:
        if self._local(policy):
            return None
        return self._one(f"judge {policy.models.judge}", lambda: _anthropic_judge(policy.models.judge))

    def ready(self, policy: Policy) -> tuple[bool, str]:
        if self._local(policy):
            return True, "local: quotes what you approved; needs no key and no network"
        if not any(os.environ.get(name) for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE")):
            return False, 'anthropic: there is no key. Set ANTHROPIC_API_KEY, or provider = "local" in policy.toml.'
        return True, f"anthropic: {policy.models.turn} for turns, {policy.models.distillation} for distillations"

    def charges(self, policy: Policy) -> bool:
        return not self._local(policy)

    def costs(self, known: DirectiveSet) -> float | None:
        if self._local(known.policy):
            return 0.0
        from voicegit.adapters.models import prices, prompts

        return prices.about(known.policy.models.turn, read=prompts.size(known), written=TURN_WRITTEN)

    def warm(self, known: DirectiveSet, today: date) -> None:
        if not self._local(known.policy):
            from voicegit.adapters.models.anthropic import warm_up

            warm_up()
            return
        model = self.chat(known.policy)
        if isinstance(model, _Warmable):
            model.warm(known, today)

    def _local(self, policy: Policy) -> bool:
        return (policy.models.provider if self._provider == "policy" else self._provider) == "local"

    def _one(self, name: str, make: Callable[[], T]) -> T:
        with self._making:
            if name not in self._made:
                self._made[name] = make()
            return cast(T, self._made[name])


def _local_model() -> ChatModel:
    from voicegit.adapters.models.local import LocalModel

    return LocalModel()


def _local_distiller() -> Distiller:
    from voicegit.adapters.models.local.distiller import LocalDistiller

    return LocalDistiller()


def _anthropic_model(name: str) -> ChatModel:
    from voicegit.adapters.models.anthropic import AnthropicModel

    return AnthropicModel(name)


def _anthropic_judge(name: str) -> Judge:
    from voicegit.adapters.models.anthropic import AnthropicJudge

    return AnthropicJudge(name)


def _anthropic_distiller(name: str) -> Distiller:
    from voicegit.adapters.models.anthropic import AnthropicDistiller

    return AnthropicDistiller(name)


def _grouping() -> Grouping:
    from voicegit.adapters.models.local.grouping import LocalGrouping

    return LocalGrouping()

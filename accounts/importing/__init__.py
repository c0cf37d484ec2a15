"""What of this room can be imported."""


def register_targets() -> None:
    """Offer accounts, people, contracts, seats, losses, touches and payments; called when apps start."""
    from accounts.importing.accounts import AccountTarget
    from accounts.importing.contacts import ContactTarget
    from accounts.importing.contracts import ContractTarget
    from accounts.importing.losses import LossTarget
    from accounts.importing.payments import PaymentTarget
    from accounts.importing.seats import SeatTarget
    from accounts.importing.touches import TouchTarget
    from imports.registry import register

    own = (
        AccountTarget(),
        ContactTarget(),
        ContractTarget(),
        SeatTarget(),
        LossTarget(),
        TouchTarget(),
        PaymentTarget(),
    )
    for target in own:
        register(target)

# There are no reservations without the A extension.
.macro forget_reservation
.endm

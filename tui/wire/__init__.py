"""How streams are framed on the wire: pure bytes in, frames out. No I/O, so both ends are built on it and any bytes can
be fed to it."""

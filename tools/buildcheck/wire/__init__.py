# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the wire: WSDL files, the accessors that the tree uses, and the members of structs behind them."""

// SPDX-License-Identifier: GPL-3.0-or-later
// What add-parameter does for allocate_instance, as far as Coccinelle can be told: by counting.
// It takes the prototype along where it finds it.
@@
parameter list[12] first;
parameter list last;
type T;
@@
T allocate_instance(first,
+ char *archId,
  last) { ... }

@@
expression list[12] first;
expression list last;
@@
allocate_instance(first,
+ NULL,
  last)

// SPDX-License-Identifier: GPL-3.0-or-later
// What Coccinelle can be told of the series: a parameter, its argument, a member. By counting: it has no names at calls.
@@
parameter list[3] first;
parameter list last;
type T;
@@
T job_new(first,
+ const char *colour,
  last) { ... }

@@
parameter list[3] first;
parameter list last;
type T;
@@
T job_new(first,
+ const char *colour,
  last);

@@
expression list[3] first;
expression list last;
@@
job_new(first,
+ NULL,
  last)

@@
@@
struct job {
  ...
+ char colour[NAME_SIZE];
};

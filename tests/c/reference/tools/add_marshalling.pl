#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-only
# Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
#	
# Version 3 of the GNU General Public License and no later one applies; the
# folder’s TRAPS file says which habits of the original are copied here and
# why.  No line was taken from the original: names, layouts and behaviour only.

# add_marshalling.pl FILE...: the service skeletons that WSDL2C writes have
# functions that return nothing useful. Each is made to return what our own
# marshalling function, <Operation>Marshal in server-marshal.c, returns.

use strict;
use warnings;

die "usage: add_marshalling.pl FILE...\n" unless @ARGV;

for my $file (@ARGV) {
    open(my $in, '<', $file) or die "add_marshalling.pl: $file: $!\n";
    my $text = do { local $/; <$in> };
    close($in);

    # adb_X_t* axis2_skel_Service_Operation (const axutil_env_t *env, adb_Y_t* argument) { ... }
    my $changed = 0;
    $text =~ s!
        ( \b axis2_skel_\w+?_(\w+) \s*
          \( \s* const \s+ axutil_env_t \s* \* \s* (\w+) \s* ,
              [^()]*? \* \s* (\w+) \s* \)
          \s* \{ )
        [^{}]*
        \}
    !
        $changed++;
        "$1\n          return ($2Marshal($4, $3));\n        }"
    !gex;
    next unless $changed;

    $text =~ s/^(\s*#\s*include\b)/#include <server-marshal.h>\n$1/m
        unless $text =~ /server-marshal\.h/;

    open(my $out, '>', $file) or die "add_marshalling.pl: $file: $!\n";
    print $out $text;
    close($out) or die "add_marshalling.pl: $file: $!\n";
    print "$file: $changed operations\n";
}

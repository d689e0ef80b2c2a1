#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-only
# Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
#	
# Version 3 of the GNU General Public License and no later one applies; the
# folder’s TRAPS file says which habits of the original are copied here and
# why.  No line was taken from the original: names, layouts and behaviour only.

# add_wsdllocation.pl FOLDER SERVICE < services.xml: tells a service where it
# will find its own WSDL once it is installed in that folder.

use strict;
use warnings;

my ($folder, $service) = @ARGV;
die "usage: add_wsdllocation.pl FOLDER SERVICE\n" unless defined $service;

while (my $line = <STDIN>) {
    print $line;
    print "    <parameter name=\"wsdl_path\">$folder/$service/$service.wsdl</parameter>\n"
        if $line =~ /<service\s[^>]*name="\Q$service\E"/;
}

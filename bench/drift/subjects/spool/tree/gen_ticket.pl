#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Prints the ticket that lies on top of a job.
use strict;
use warnings;
use Getopt::Long;

my $title = "untitled";
my $owner = "nobody";
my $copies = 1;

my %size = (
    "a4" => "210x297",
    "a5" => "148x210",
);

GetOptions (
    "title=s" => \$title,
    "owner=s" => \$owner,
    "copies=i" => \$copies,
) or die "usage: gen_ticket.pl [--title T] [--owner O] [--copies N]\n";

sub escape {
    my ($text) = @_;
    $text =~ s/&/&amp;/g;
    $text =~ s/</&lt;/g;
    return $text;
}

my $safe = escape ($title);

print <<"EOF";
<ticket>
    <title>$safe</title>
    <owner>$owner</owner>
    <copies>$copies</copies>
</ticket>
EOF

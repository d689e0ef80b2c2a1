#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: many.pl SCRIPT < LINES
# Runs a Perl program once for each line, with the words of that line as its arguments, in a child that has the
# interpreter and the usual modules loaded already. A word is an x and the hexadecimal digits of its bytes; blanks
# stand between words. For each line it answers with a line "STATUS OUT ERR" and the bytes that the run printed:
# OUT of them on its standard output, ERR on its standard error.
#
# A line that is "?" asks for the options instead: the run ends where the program calls GetOptions, and prints what
# it calls it with, a line each.

use strict;
use warnings;
use Fcntl qw(SEEK_SET);
use Getopt::Long ();
use POSIX ();

my ($script) = @ARGV;
binmode STDOUT;

sub tell_options {
    print {*STDOUT} map { "$_\n" } grep { !ref } @_;
    exit 0;
}

sub child {
    my ($line, $out, $err) = @_;

    open STDIN, '<', '/dev/null' or die "/dev/null: $!\n";
    open STDOUT, '>&', $out or die "standard output: $!\n";
    open STDERR, '>&', $err or die "standard error: $!\n";
    if ($line eq q{?}) {
        no warnings qw(prototype redefine);    # to be redefined is what it is there for
        *Getopt::Long::GetOptions = \&tell_options;
        @ARGV = ();
    } else {
        @ARGV = map { pack 'H*', substr $_, 1 } split / /, $line;
    }
    *0 = \$script;
    do $script;
    print {*STDERR} $@ and exit 255 if $@;
    exit 0;
}

sub slurp {
    my ($file) = @_;

    seek $file, 0, SEEK_SET or die "seek: $!\n";
    local $/ = undef;
    my $text = <$file>;
    return defined $text ? $text : q{};
}

my @lines = <STDIN>;
chomp @lines;
for my $line (@lines) {
    open my $out, '+>', undef or die "a scratch file: $!\n";
    open my $err, '+>', undef or die "a scratch file: $!\n";
    my $pid = fork;
    die "fork: $!\n" if !defined $pid;
    child($line, $out, $err) if !$pid;
    waitpid $pid, 0;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    my @said = (slurp($out), slurp($err));
    print join(q{ }, $status, map { length } @said), "\n", @said;
}

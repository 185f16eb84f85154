# Runs a command in a running sandbox, on the terminal it was started with:
#   perl enter.pl NAME=VALUE... -- COMMAND ARG...
# Namespaces, user, capabilities, system call filter and limits belong to the process; it takes them on one by one, each
# while it still may, and only then becomes the command. See entry.ts, which writes the command line. No modules, not even
# strict: loading them takes longer than all the rest.

# Numbers of linux/fcntl.h, sched.h, mount.h, prctl.h, seccomp.h, capability.h and close_range.h.
my ($AT_FDCWD, $CLONE_NEWNS, $OPEN_TREE_CLONE, $EMPTY_PATH) = (-100, 0x20000, 0x80001, 4);
my ($SET_DUMPABLE, $SET_SECCOMP, $CAPBSET_DROP, $SET_NO_NEW_PRIVS, $FILTER) = (4, 22, 24, 38, 2);
my ($CAPABILITY_VERSION, $MAX_CAPABILITIES, $CLOSE_ON_EXEC, $NO_ENTRY) = (0x20080522, 64, 4, 2);

my %given;
while (defined(my $word = shift @ARGV)) {
    last if $word eq '--';
    my ($name, $value) = split /=/, $word, 2;
    $given{$name} = $value;
}

sub fail { print STDERR "The sandbox cannot be entered: $_[0]: $!\n"; exit 126 }

sub call {
    my ($name, @arguments) = @_;
    my $result = syscall($given{"call.$name"}, @arguments);
    fail($name) if $result == -1;
    return $result;
}

sub join_namespace {
    my ($handle) = @_;
    call('setns', fileno($handle), 0);
}

# Limits first, so that all that follows is within them.
for my $file (split /,/, $given{groups}) {
    open(my $handle, '>', $file) or fail($file);
    syswrite($handle, $$) or fail($file);
}
open(my $file, '<:raw', $given{filter}) or fail('filter');
my $filter = do { local $/; <$file> };
my %namespace;
for my $kind (qw(net ipc uts cgroup pid mnt user)) {
    open($namespace{$kind}, '<', $given{"ns.$kind"}) or fail($kind);
}

# The terminal becomes the sandbox user's own, as a login does it. A copy of its name in the file system goes along.
my $terminal = -t STDIN ? readlink('/proc/self/fd/0') : undef;
if (defined $terminal) {
    chown($given{uid}, -1, \*STDIN) or fail('chown');
    $terminal = call('open_tree', $AT_FDCWD, $terminal, $OPEN_TREE_CLONE);
}
join_namespace($namespace{$_}) for qw(net ipc uts cgroup pid mnt);
if (defined $terminal) {
    # Mounts of one's own, for each process has another terminal at /dev/console.
    call('unshare', $CLONE_NEWNS);
    call('move_mount', $terminal, my $empty = '', $AT_FDCWD, my $console = '/dev/console', $EMPTY_PATH);
}

# From here on this is the sandbox's user; nobody but root may look into it before it has become the command.
my $uid = $given{uid} + 0;
call('setgroups', 0, 0);
call('setresgid', $uid, $uid, $uid);
call('setresuid', $uid, $uid, $uid);
call('prctl', $SET_DUMPABLE, 0, 0, 0, 0);
join_namespace($namespace{user});
for my $capability (0 .. $MAX_CAPABILITIES - 1) {
    # The kernel has fewer than that; it refuses the first that it does not know.
    last if syscall($given{'call.prctl'}, $CAPBSET_DROP, $capability, 0, 0, 0) == -1;
}
call('capset', my $header = pack('LL', $CAPABILITY_VERSION, 0), my $none = pack('L6', (0) x 6));
call('prctl', $SET_NO_NEW_PRIVS, 1, 0, 0, 0);
my $program = pack('S x6 P', length($filter) / 8, $filter);
call('prctl', $SET_SECCOMP, $FILTER, $program, 0, 0);
chdir('/workspace') or fail('/workspace');
# Whatever else was open where this was started stays outside.
call('close_range', 3, 0xffffffff, $CLOSE_ON_EXEC);

# The process namespace is its children's.
my $child = fork() // fail('fork');
if ($child == 0) {
    exec { $ARGV[0] } @ARGV;
    my $why = $!;
    print STDERR "$ARGV[0]: $why\n";
    exit($why == $NO_ENTRY ? 127 : 126);
}
# Keys that end the program are not for this process, which says how it ended.
$SIG{INT} = $SIG{QUIT} = 'IGNORE';
waitpid($child, 0);
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);

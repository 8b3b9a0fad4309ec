// Counts and bounds what containers send and receive, and refuses ports that are not theirs. The programs of sockets are
// attached to the cgroup above all containers; those of trace points see the whole machine.
#include "common.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

struct sock {
	struct sock_cgroup_data sk_cgrp_data;
	__u16 sk_protocol;
};

struct sk_buff {
	struct sock *sk;
	int skb_iif;
};

#pragma clang attribute pop

enum { RECEIVE, SEND, DIRECTIONS };
enum { TCP, UDP, ICMP, OTHER, PROTOCOLS };

struct flow {
	__u64 bytes;
	__u64 packets;
	__u64 drops;
};

struct traffic {
	struct flow flows[DIRECTIONS][PROTOCOLS];
	__u64 policed[DIRECTIONS]; // packets that the limit of the container's rate has dropped
	__u64 retransmits;
	__s64 open; // established connections; one processor's part may be negative
};

const struct traffic *unused_traffic __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_CONTAINERS);
	__type(key, __u64);
	__type(value, struct traffic);
} traffic_of SEC(".maps");

// nested says whether there has been a container in another: until then nothing is looked for there.
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} nested SEC(".maps");

struct bucket {
	struct bpf_spin_lock lock;
	__u32 unused;
	__u64 rate[DIRECTIONS];  // bytes per second, 0 for no limit
	__u64 burst[DIRECTIONS]; // nanoseconds of the rate that may come at once
	__u64 next[DIRECTIONS];  // when all that has passed would have at the rate
};

const struct bucket *unused_bucket __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_CONTAINERS);
	__type(key, __u64);
	__type(value, struct bucket);
} buckets SEC(".maps");

#define MAX_RANGES 32

struct ports {
	__u32 ranges;
	struct {
		__u16 first, last;
	} allowed[MAX_RANGES];
};

const struct ports *unused_ports __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_CONTAINERS);
	__type(key, __u64);
	__type(value, struct ports);
} ports_of SEC(".maps");

// The level of the cgroup above all containers.
volatile const __u32 base;

// Whether any container's rate is limited.
volatile const bool limited;

static __always_inline int protocol(int number)
{
	switch (number) {
	case 6:
		return TCP;
	case 17:
		return UDP;
	case 1:
	case 58:
		return ICMP;
	}
	return OTHER;
}

static __always_inline int protocol_of(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (skb->protocol == bpf_htons(0x0800) && data + 20 <= end)
		return protocol(data[9]);
	if (skb->protocol == bpf_htons(0x86dd) && data + 40 <= end)
		return protocol(data[6]);
	return OTHER;
}

// segments is how many packets are on the wire of one that offloading made or will cut up; more_bytes are those of their headers.
static __always_inline __u32 segments(struct __sk_buff *skb, int kind, __u32 *more_bytes)
{
	__u32 size = skb->gso_size, header = 40, n;
	__u8 byte = 0;

	*more_bytes = 0;
	if (!size)
		return 1;
	if (skb->protocol == bpf_htons(0x0800)) {
		bpf_skb_load_bytes(skb, 0, &byte, 1);
		header = (byte & 15) * 4;
	}
	if (kind == TCP) {
		bpf_skb_load_bytes(skb, header + 12, &byte, 1);
		header += (byte >> 4) * 4;
	} else {
		header += 8;
	}
	if (skb->len <= header)
		return 1;
	n = (skb->len - header + size - 1) / size;
	*more_bytes = (n - 1) * header;
	return n;
}

// passes says whether a packet is within the rate of its container, and charges it if so.
static __always_inline bool passes(__u64 id, int direction, __u32 bytes)
{
	struct bucket *b;
	__u64 now, earliest;
	bool ok = true;

	if (!limited)
		return true;
	b = bpf_map_lookup_elem(&buckets, &id);
	if (!b || !b->rate[direction])
		return true;
	now = bpf_ktime_get_ns();
	bpf_spin_lock(&b->lock);
	earliest = now - b->burst[direction];
	if (b->next[direction] < earliest)
		b->next[direction] = earliest;
	if (b->next[direction] > now)
		ok = false;
	else
		b->next[direction] += (__u64)bytes * 1000000000 / b->rate[direction];
	bpf_spin_unlock(&b->lock);
	return ok;
}

// cgroup_of is the id of the cgroup at a level that a packet's socket is in, 0 if there is none. The kernel has packets show
// programs of cgroups the very socket that it asks them about.
static __always_inline __u64 cgroup_of(struct __sk_buff *skb, int level)
{
	struct bpf_sock *of = skb->sk;
	struct cgroup *c;

	if (!can_cast)
		return bpf_skb_ancestor_cgroup_id(skb, level);
	if (!of)
		return 0;
	c = cast(struct sock, of)->sk_cgrp_data.cgroup;
	if (!c || c->level < level)
		return 0;
	return ancestor(c, level);
}

static __always_inline bool packet(struct __sk_buff *skb, int direction)
{
	int kind = protocol_of(skb);
	__u32 bytes, packets = segments(skb, kind, &bytes);
	__u32 zero = 0, *deep = bpf_map_lookup_elem(&nested, &zero);
	int depth = deep && *deep ? DEPTH : 1;

	bytes += skb->len;
	for (int n = 0; n < DEPTH && n < depth; n++) {
		__u64 id = cgroup_of(skb, LEVEL(base, n));
		struct traffic *t;

		if (!id)
			break;
		t = bpf_map_lookup_elem(&traffic_of, &id);
		if (!n && !passes(id, direction, bytes)) {
			if (t)
				add(t->policed[direction], packets);
			return false;
		}
		if (!t)
			continue;
		add(t->flows[direction][kind].bytes, bytes);
		add(t->flows[direction][kind].packets, packets);
	}
	return true;
}

SEC("cgroup_skb/ingress") int ingress(struct __sk_buff *skb)
{
	return packet(skb, RECEIVE);
}

// 2 drops a packet as a full queue does, which TCP takes as congestion, where 0 were an error for the sender.
SEC("cgroup_skb/egress") int egress(struct __sk_buff *skb)
{
	return packet(skb, SEND) ? 1 : 2;
}

// may says whether the container of the running task has a port. 0 asks for any that is free.
static __always_inline int may(__u32 number)
{
	__u64 id = bpf_get_current_ancestor_cgroup_id(LEVEL(base, 0));
	struct ports *p = bpf_map_lookup_elem(&ports_of, &id);

	if (!p || !number)
		return 1;
	for (int n = 0; n < MAX_RANGES; n++) {
		if (n >= p->ranges)
			break;
		if (p->allowed[n].first <= number && number <= p->allowed[n].last)
			return 1;
	}
	return 0;
}

SEC("cgroup/bind4") int bind4(struct bpf_sock_addr *ctx)
{
	return may(bpf_ntohs((__u16)ctx->user_port));
}

SEC("cgroup/bind6") int bind6(struct bpf_sock_addr *ctx)
{
	return may(bpf_ntohs((__u16)ctx->user_port));
}

// each runs a statement with the figures t of every container around a socket.
#define each(sk, statement)                                                              \
	do {                                                                             \
		struct cgroup *around = BPF_CORE_READ(sk, sk_cgrp_data.cgroup);          \
		int level = around ? BPF_CORE_READ(around, level) : 0;                   \
		for (int n = 0; n < DEPTH && (int)LEVEL(base, n) <= level; n++) {             \
			__u64 id = ancestor(around, LEVEL(base, n));                     \
			struct traffic *t;                                               \
			t = bpf_map_lookup_elem(&traffic_of, &id);                          \
			if (t)                                                           \
				statement;                                               \
		}                                                                        \
	} while (0)

SEC("tp_btf/tcp_retransmit_skb") int retransmit(__u64 *ctx)
{
	struct sock *sk = (void *)ctx[0];

	each(sk, add(t->retransmits, 1));
	return 0;
}

#define ESTABLISHED 1

SEC("tp_btf/inet_sock_set_state") int state(__u64 *ctx)
{
	struct sock *sk = (void *)ctx[0];
	int before = ctx[1], now = ctx[2], change = (now == ESTABLISHED) - (before == ESTABLISHED);

	if (!change || BPF_CORE_READ(sk, sk_protocol) != 6)
		return 0;
	each(sk, add(t->open, change));
	return 0;
}

static __always_inline void drop(struct sock *sk, int direction)
{
	int kind;

	if (!sk)
		return;
	kind = protocol(BPF_CORE_READ(sk, sk_protocol));
	each(sk, add(t->flows[direction][kind].drops, 1));
}

// drop_sent: a packet on its way out has the socket that made it, and came in by no interface.
static __always_inline void drop_sent(struct sk_buff *skb)
{
	if (BPF_CORE_READ(skb, skb_iif) == 0)
		drop(BPF_CORE_READ(skb, sk), SEND);
}

// Since 6.11 the kernel says which socket was to have what is dropped.
SEC("tp_btf/kfree_skb") int dropped_for(__u64 *ctx)
{
	struct sock *to = (void *)ctx[3];

	if (to)
		drop(to, RECEIVE);
	else
		drop_sent((void *)ctx[0]);
	return 0;
}

// Before, only of full queues.
SEC("tp_btf/kfree_skb") int dropped(__u64 *ctx)
{
	drop_sent((void *)ctx[0]);
	return 0;
}

SEC("tp_btf/udp_fail_queue_rcv_skb") int udp_full(__u64 *ctx)
{
	drop((void *)ctx[1], RECEIVE);
	return 0;
}

SEC("tp_btf/sock_rcvqueue_full") int queue_full(__u64 *ctx)
{
	drop((void *)ctx[0], RECEIVE);
	return 0;
}

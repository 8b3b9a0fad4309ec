// What the programs have in common: the part of the kernel's types that they read, found by name on the kernel that they
// run on, and the way from a cgroup to the containers around it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup *ancestors[];
};

#pragma clang attribute pop

// Containers are in one another at every second level below the cgroup of all: "mesos" is between. DEPTH is how deep
// figures go; what is deeper counts for those around it.
#define DEPTH 4
#define LEVEL(base, n) ((base) + 1 + 2 * (n))

#define MAX_CONTAINERS 16384

// slots of a histogram: slot n counts what took less than 2^n microseconds and more than the slot before.
#define SLOTS 32 // a power of two

struct histogram {
	__u64 nanoseconds; // all together
	__u64 slots[SLOTS];
};

// Numbers are of one processor, but an interrupt may come in between: so they are added to atomically.
#define add(field, n) __sync_fetch_and_add(&(field), (n))

// thousandth divides by 1000, where it can without a division, which takes longer than the multiplication: this one is exact
// for all numbers of 32 bits.
static __always_inline __u64 thousandth(__u64 n)
{
	return n >> 32 ? n / 1000 : n * 274877907 >> 38;
}

static __always_inline __u32 slot(__u64 nanoseconds)
{
	__u64 us = thousandth(nanoseconds);
	__u32 n = 0;

#pragma unroll
	for (int bits = 16; bits; bits >>= 1) {
		if (us >> bits) {
			us >>= bits;
			n += bits;
		}
	}
	n += us; // 0 or 1 is left
	return n;
}

static __always_inline void observe(struct histogram *h, __u64 nanoseconds)
{
	__u32 n = slot(nanoseconds);

	// The verifier is to see that the index is bounded, whatever the compiler knows already.
	asm volatile("" : "+r"(n));
	add(h->nanoseconds, nanoseconds);
	add(h->slots[n & (SLOTS - 1)], 1);
}

// Whether what lies in the kernel's memory is read by calls, since the kernel has refused programs that do without.
volatile const bool calls;

// cast makes an address one of a type of the kernel's, so that what is there can be read without a call, which takes longer
// than all else here. Since 6.3 the kernel has it.
extern void *bpf_rdonly_cast(const void *address, __u32 type) __ksym __weak;
#define can_cast (bpf_rdonly_cast != NULL && !calls)
#define cast(type, address) ((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))

// number_at reads what the verifier would take for something else, by a type of the kernel's that begins with a number.
struct timespec64 {
	long tv_sec;
} __attribute__((preserve_access_index));

#define number_at(address, offset) ((unsigned long)cast(struct timespec64, (void *)(address) + (offset))->tv_sec)

// id_of is the id of a cgroup.
static __always_inline __u64 id_of(struct cgroup *c)
{
	if (can_cast)
		return cast(struct cgroup, c)->kn->id;
	return BPF_CORE_READ(c, kn, id);
}

// ancestor is the id of the cgroup around one at a level, which must not be below that one's own.
static __always_inline __u64 ancestor(struct cgroup *c, int level)
{
	unsigned long offset = bpf_core_field_offset(c->ancestors) + level * sizeof(c);
	struct cgroup *a = NULL;

	if (can_cast)
		a = (void *)number_at(c, offset);
	else
		bpf_probe_read_kernel(&a, sizeof(a), (void *)c + offset);
	return a ? id_of(a) : 0;
}

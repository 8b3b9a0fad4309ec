// Counts the ends of processes, those that were killed for want of memory, and how long threads wait for a processor.
#include "common.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct css_set {
	struct cgroup *dfl_cgrp;
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
};

struct task_struct {
	int pid;
	struct css_set *cgroups;
	struct signal_struct *signal;
};

#pragma clang attribute pop

struct process {
	__u64 exits;
	__u64 oom_kills;
	struct histogram run_queue;
};

const struct process *unused_process __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_CONTAINERS);
	__type(key, __u64);
	__type(value, struct process);
} processes SEC(".maps");

// waiting is since when threads of containers have been ready to run.
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, __u64);
} waiting SEC(".maps");

// The level of the cgroup above all containers.
volatile const __u32 base;

// each runs a statement with the figures p of every container around a task.
#define each(task, statement)                                                            \
	do {                                                                             \
		struct cgroup *around = (task)->cgroups->dfl_cgrp;                       \
		int level = around->level;                                               \
		for (int n = 0; n < DEPTH && (int)LEVEL(base, n) <= level; n++) {        \
			__u64 id = ancestor(around, LEVEL(base, n));                     \
			struct process *p;                                               \
			p = bpf_map_lookup_elem(&processes, &id);                        \
			if (p)                                                           \
				statement;                                               \
		}                                                                        \
	} while (0)

// Since 6.15 the kernel says whether a thread was the last of its process.
SEC("tp_btf/sched_process_exit") int exited_last(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	if (ctx[1] & 0xff)
		each(task, add(p->exits, 1));
	return 0;
}

SEC("tp_btf/sched_process_exit") int exited(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	if (task->signal->live.counter == 0)
		each(task, add(p->exits, 1));
	return 0;
}

// Since 6.8 the kernel says who is killed.
SEC("tp_btf/mark_victim") int victim(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	each(task, add(p->oom_kills, 1));
	return 0;
}

// Before, it is who asked for more that is counted: within a container's limit it is the same one.
SEC("tp_btf/mark_victim") int asker(__u64 *ctx)
{
	for (int n = 0; n < DEPTH; n++) {
		__u64 id = bpf_get_current_ancestor_cgroup_id(LEVEL(base, n));
		struct process *p;

		if (!id)
			break;
		p = bpf_map_lookup_elem(&processes, &id);
		if (p)
			add(p->oom_kills, 1);
	}
	return 0;
}

// ready remembers since when a task waits, if it is a container's.
static __always_inline int ready(struct task_struct *task)
{
	struct cgroup *around = task->cgroups->dfl_cgrp;
	__u32 pid = task->pid;
	__u64 id, now;

	if (around->level < (int)LEVEL(base, 0))
		return 0;
	id = ancestor(around, LEVEL(base, 0));
	if (!bpf_map_lookup_elem(&processes, &id))
		return 0;
	now = bpf_ktime_get_ns();
	bpf_map_update_elem(&waiting, &pid, &now, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_wakeup") int wakeup(__u64 *ctx)
{
	return ready((void *)ctx[0]);
}

SEC("tp_btf/sched_wakeup_new") int wakeup_new(__u64 *ctx)
{
	return ready((void *)ctx[0]);
}

SEC("tp_btf/sched_switch") int switched(__u64 *ctx)
{
	struct task_struct *before = (void *)ctx[1], *now = (void *)ctx[2];
	__u32 pid = now->pid;
	__u64 *since, took;

	if (!(__u32)ctx[3]) // it would run on
		ready(before);
	since = bpf_map_lookup_elem(&waiting, &pid);
	if (!since)
		return 0;
	took = bpf_ktime_get_ns() - *since;
	bpf_map_delete_elem(&waiting, &pid);
	each(now, observe(&p->run_queue, took));
	return 0;
}

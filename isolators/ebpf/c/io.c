// Counts what containers read from disks and write to them, by the owner of the memory that the data is in: so what is
// written later, by somebody else, counts for the container whose data it is.
#include "common.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
};

struct page {
	unsigned long compound_head;
};

struct folio {
	unsigned long memcg_data;
};

struct bio_vec {
	struct page *bv_page;
};

struct bvec_iter {
	unsigned int bi_size;
	unsigned int bi_idx;
};

struct gendisk {
	int major;
	int first_minor;
};

struct block_device {
	struct gendisk *bd_disk;
};

struct bio {
	struct bio *bi_next;
	struct block_device *bi_bdev;
	unsigned int bi_opf;
	struct bvec_iter bi_iter;
	struct bio_vec *bi_io_vec;
};

struct request {
	struct bio *bio;
};

#pragma clang attribute pop

enum { READ, WRITE, WAYS };

struct way {
	__u64 bytes;
	__u64 operations;
	struct histogram latency; // of those that are over
};

struct disk {
	struct way ways[WAYS];
};

struct disk_key {
	__u64 id; // of the container's cgroup
	__u32 major, minor;
};

const struct disk *unused_disk __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4 * MAX_CONTAINERS);
	__type(key, struct disk_key);
	__type(value, struct disk);
} disks SEC(".maps");

// numbers are the disks that any container has used, as in keys of disks: so that what is of one container is found without a
// look at all of that table.
struct number {
	__u32 major, minor;
};

const struct number *unused_number __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct number);
	__type(value, __u8);
} numbers SEC(".maps");

// What there is by itself when a container first uses a disk.
static const struct disk nothing;

// owners are containers by the cgroup that their memory is charged to, accounts by their own.
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_CONTAINERS);
	__type(key, __u64);
	__type(value, __u64);
} owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_CONTAINERS);
	__type(key, __u64);
	__type(value, __u64);
} accounts SEC(".maps");

// alone are those owners that are in no other container.
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_CONTAINERS);
	__type(key, __u64);
	__type(value, __u64);
} alone SEC(".maps");

// A flight is an operation under way. It fills a line of the processor's cache.
struct flight {
	__u64 bio; // its address; 0 where there is none
	__u64 since; // 0 until all of it is there
	__u64 ids[DEPTH];
	__u32 major, minor;
	__u32 way;
	__u32 unused;
};

// flights are found by a bio's address, in one of a few places: a table of the kernel's would take longer for its locks
// than for all that is counted. An operation that finds no place is counted, but not how long it takes.
#define FLIGHTS 16384 // a power of two
#define PLACES 4
#define LOST (600ULL * 1000000000) // nanoseconds after which we do not wait for an end any more

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FLIGHTS);
	__type(key, __u32);
	__type(value, struct flight);
} flights SEC(".maps");

static __always_inline struct flight *place(__u64 bio, __u32 n)
{
	__u32 at;

	// The verifier lets nobody calculate with an address, but half of one is none any more.
	asm volatile("%0 = %1" : "=w"(at) : "w"((__u32)bio));
	at = ((at * 0x9e3779b1U >> 16) + n) & (FLIGHTS - 1);
	return bpf_map_lookup_elem(&flights, &at);
}

// begin finds a place for an operation, NULL if none is free. Who has set its address, or has taken the time away from
// one that was lost, has the place for itself.
static __always_inline struct flight *begin(__u64 bio, __u64 now)
{
	for (int n = 0; n < PLACES; n++) {
		struct flight *f = place(bio, n);
		__u64 since;

		if (!f)
			return NULL;
		if (f->bio == bio) { // its end was not seen
			f->since = 0;
			return f;
		}
		if (!f->bio && !__sync_val_compare_and_swap(&f->bio, 0, bio))
			return f;
		since = f->since;
		if (since && now - since > LOST && __sync_val_compare_and_swap(&f->since, since, 0) == since) {
			f->bio = bio;
			return f;
		}
	}
	return NULL;
}

// Levels of the cgroups above all containers; that of memory is 0 where containers have no cgroup for theirs.
volatile const __u32 base;
volatile const __u32 memory_base;

#define TAGS 7UL // in the address of a page's owner
#define NO_USERS 3UL // tags of the kernel's own memory

// Page's compound_head is first of all something else in a union, of which the verifier makes a pointer.
static __always_inline unsigned long head_of(struct page *page)
{
	if (can_cast)
		return number_at(page, bpf_core_field_offset(page->compound_head));
	return BPF_CORE_READ(page, compound_head);
}

// charged is who a page is charged to, with tags.
static __always_inline unsigned long charged(struct page *page)
{
	unsigned long head = head_of(page);

	if (head & 1)
		page = (void *)(head - 1);
	if (can_cast)
		return cast(struct folio, page)->memcg_data;
	return BPF_CORE_READ((struct folio *)page, memcg_data);
}

// owner is the cgroup that a bio's first page is charged to, NULL if that is none.
static __always_inline struct cgroup *owner(struct bio *bio)
{
	struct bio_vec *vec = bio->bi_io_vec;
	struct page *page = NULL;
	unsigned long data;
	__u32 index = bio->bi_iter.bi_idx;

	if (!memory_base || !vec)
		return NULL;
	if (!index) {
		page = vec->bv_page;
	} else { // a number now, for the verifier of some kernels lets nobody calculate with a pointer that it knows
		vec = (void *)((unsigned long)BPF_CORE_READ(bio, bi_io_vec) + index * bpf_core_type_size(struct bio_vec));
		page = BPF_CORE_READ(vec, bv_page);
	}
	if (!page)
		return NULL;
	data = charged(page);
	if (!data || data & NO_USERS)
		return NULL;
	if (can_cast)
		return cast(struct mem_cgroup, data & ~TAGS)->css.cgroup;
	return BPF_CORE_READ((struct mem_cgroup *)(data & ~TAGS), css.cgroup);
}

// find fills in the containers that an operation counts for; how many.
static __always_inline int find(struct bio *bio, __u64 *ids)
{
	struct cgroup *memory = owner(bio);
	int found = 0, level = 0;

	if (memory) {
		__u64 own = id_of(memory), *known = bpf_map_lookup_elem(&alone, &own);

		if (known) { // as is usual: nothing is around it
			ids[0] = *known;
			return 1;
		}
		level = BPF_CORE_READ(memory, level);
	}
	for (int n = 0; n < DEPTH; n++) {
		__u64 id, *known;

		if (memory && (int)LEVEL(memory_base, n) > level)
			break;
		if (memory)
			id = ancestor(memory, LEVEL(memory_base, n));
		else
			id = bpf_get_current_ancestor_cgroup_id(LEVEL(base, n));
		if (!id)
			break;
		known = memory ? bpf_map_lookup_elem(&owners, &id) : bpf_map_lookup_elem(&accounts, &id);
		if (!known)
			continue;
		ids[n] = *known;
		found++;
	}
	return found;
}

// first makes the figures of a container that uses a disk for the first time; NULL if there are too many.
static __always_inline struct disk *first(struct disk_key *at)
{
	struct number number = {.major = at->major, .minor = at->minor};
	__u8 used = 1;

	if (bpf_map_update_elem(&numbers, &number, &used, BPF_ANY))
		return NULL;
	bpf_map_update_elem(&disks, at, &nothing, BPF_NOEXIST);
	return bpf_map_lookup_elem(&disks, at);
}

SEC("tp_btf/block_bio_queue") int queued(__u64 *ctx)
{
	struct bio *bio = (void *)ctx[0];
	__u32 operation = bio->bi_opf & 0xff, bytes = bio->bi_iter.bi_size, way = operation ? WRITE : READ;
	__u64 ids[DEPTH] = {}, now;
	struct disk_key at = {};
	struct flight *f;

	// 0 reads, 1 writes, 7 appends to a zone
	if (!bytes || (operation > 1 && operation != 7) || !find(bio, ids))
		return 0;
	at.major = bio->bi_bdev->bd_disk->major;
	at.minor = bio->bi_bdev->bd_disk->first_minor;
	for (int n = 0; n < DEPTH; n++) {
		struct disk *d;

		at.id = ids[n];
		if (!at.id)
			continue;
		d = bpf_map_lookup_elem(&disks, &at);
		if (!d) {
			d = first(&at);
		}
		if (!d)
			continue;
		add(d->ways[way].bytes, bytes);
		add(d->ways[way].operations, 1);
	}
	now = bpf_ktime_get_ns();
	f = begin((__u64)bio, now);
	if (!f)
		return 0;
	__builtin_memcpy(f->ids, ids, sizeof(ids));
	f->major = at.major;
	f->minor = at.minor;
	f->way = way;
	f->since = now;
	return 0;
}

static __always_inline void end(struct flight *f)
{
	__u64 since = f->since, took = bpf_ktime_get_ns() - since;
	struct disk_key at = {.major = f->major, .minor = f->minor};
	__u32 way = f->way & 1;

	for (int n = 0; since && n < DEPTH; n++) {
		struct disk *d;

		at.id = f->ids[n];
		if (!at.id)
			continue;
		d = bpf_map_lookup_elem(&disks, &at);
		if (d)
			observe(&d->ways[way].latency, took);
	}
	f->since = 0;
	f->bio = 0;
}

static __always_inline void complete(__u64 bio)
{
	for (int n = 0; n < PLACES; n++) {
		struct flight *f = place(bio, n);

		if (f && f->bio == bio) {
			end(f);
			return;
		}
	}
}

// Of disks without requests, as mapped ones.
SEC("tp_btf/block_bio_complete") int completed(__u64 *ctx)
{
	complete(ctx[1]);
	return 0;
}

struct rest {
	struct bio *bio;
	__u64 bytes;
};

static long next(__u32 n, struct rest *rest)
{
	struct bio *bio = rest->bio;
	__u32 size = bio ? BPF_CORE_READ(bio, bi_iter.bi_size) : 0;

	if (!size || size > rest->bytes)
		return 1;
	complete((__u64)bio);
	rest->bytes -= size;
	rest->bio = BPF_CORE_READ(bio, bi_next);
	return 0;
}

// A request is several operations that lie beside each other; those that are whole in what is done are over.
SEC("tp_btf/block_rq_complete") int request_completed(__u64 *ctx)
{
	struct request *request = (void *)ctx[0];
	struct bio *first = request->bio;
	struct rest rest = {};
	__u32 size;

	if (!first)
		return 0;
	size = first->bi_iter.bi_size;
	rest.bytes = (__u32)ctx[2];
	if (!size || size > rest.bytes)
		return 0;
	complete((__u64)first);
	rest.bytes -= size;
	rest.bio = first->bi_next;
	if (rest.bytes && rest.bio)
		bpf_loop(1024, next, &rest, 0);
	return 0;
}

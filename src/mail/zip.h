/* A zip file that is made while it is read: bytes go in at one end and come out at the other, none
 * of it touches a disk, and memory does not grow but for the list of names at the end. Files and
 * archives of more than 4 GB are zip64. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

struct zip;

/* names_bytes: what may wait to be taken, and the list of names at the end. */
enum err zip_new(size_t names_bytes, struct zip **ret) MUST_CHECK;
/* In the middle too. NULL is fine. */
void zip_free(struct zip *zip);

struct zip_entry {
	struct str path; /* UTF-8, parts joined by '/' */
	int64_t bytes;
	int64_t time_ms;
	bool is_compressed; /* else stored: most large files are compressed already */
};
enum err zip_begin_entry(struct zip *zip, const struct zip_entry *entry) MUST_CHECK;
/* Some of what was said, at most 1 MiB at a time; in the end all of it. */
enum err zip_add(struct zip *zip, struct str bytes) MUST_CHECK;
enum err zip_end_entry(struct zip *zip) MUST_CHECK;
/* The list of names; nothing may be added after it. */
enum err zip_close(struct zip *zip) MUST_CHECK;

/* Whether something waits to be taken. */
bool zip_has_output(const struct zip *zip);
/* Moves what waits into `piece`, as much as it holds. */
enum err zip_take(struct zip *zip, struct buf *piece) MUST_CHECK;

/* A name that every system takes, as one part of a path: no separator, no sign that Windows
 * refuses. */
struct str zip_safe_name(struct arena *arena, struct str name);
/* The same, and different from all of `taken`: "letter (2).pdf" for the second "letter.pdf",
 * whatever the case. */
struct str zip_other_name(struct arena *arena, struct str name, const struct str *taken,
			  size_t count);

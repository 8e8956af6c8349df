/* For backup/archive*.c: the texts that writer and reader both make, to be compared. */
#pragma once

#include "backup/archive.h"

enum {
	ARCHIVE_LABEL_MAX = 2048,
	ARCHIVE_END_MAX = 256,
	ARCHIVE_MANIFEST_LINES = 1000,
	ARCHIVE_MANIFEST_MAX = 256 * 1024
};
#define ARCHIVE_LABEL_NAME "postern-backup"
#define ARCHIVE_END_NAME "end"

/* The whole of the first entry. */
enum err archive_text_label(struct arena *arena, const struct secret *key,
			    const struct archive_label *label, struct str *ret) MUST_CHECK;
/* The same without its last line, the MAC. */
void archive_text_label_begin(struct buf *out, const struct archive_label *label);

/* What has been seen so far, by the one who writes and by the one who reads. */
struct archive_sums {
	const struct secret *key;
	struct mac all;   /* of the label and all manifests */
	struct mac entry; /* of the entry at hand */
	struct buf manifest;
	int64_t manifest_lines;
	int64_t manifests;
	struct archive_counts counts;
};
void archive_sums_init(struct archive_sums *sums, const struct secret *key, struct str label);
void archive_sums_begin(struct archive_sums *sums, const char *name);
void archive_sums_add(struct archive_sums *sums, struct str piece);
void archive_sums_end(struct archive_sums *sums, const char *name, int64_t bytes);
/* After a manifest was written or has been compared. */
void archive_sums_manifest(struct archive_sums *sums);
/* The whole of the last entry. Once. */
void archive_sums_finish(struct archive_sums *sums, struct buf *out);
void archive_sums_release(struct archive_sums *sums);

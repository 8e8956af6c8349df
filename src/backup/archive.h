/* The file that a backup is: a tar archive whose every byte is checked (docs/BACKUP.md).
 *
 *   postern-backup     what it is, of which portal and when; its MAC
 *   database/000001    segments (store/dump.h), in order
 *   files/AB/ID        blobs, as they lie in the file store
 *   manifest/000001    after some entries: MAC, size and name of each, one in a line
 *   end                how many there were; the MAC over the first entry and all manifests
 *
 * MACs are keyed BLAKE2b, under a key from the master key: who has no key can change nothing
 * unseen, nor put two backups together. Written by appending; read once from the beginning to the
 * end. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/digest.h"

enum { ARCHIVE_NAME_MAX = 64, ARCHIVE_PIECE_BYTES = 1 << 20 };

/* What the first entry says. */
struct archive_label {
	int64_t at_ms;
	int64_t schema;           /* number of the newest migration */
	struct str portal_public; /* the portal's public key: whose backup it is */
	struct str name;          /* of the portal */
};

/* ---- writing ---- */

struct archive_writer;
/* To `path`.tmp, with mode 0600. ERR_BUSY: another backup is being written there. ERR_UNAVAILABLE:
 * the disk or the folder. key: see archive_key(); borrowed. */
enum err archive_create(const char *path, const struct secret *key,
			const struct archive_label *label, struct archive_writer **ret) MUST_CHECK;
/* An entry of exactly `bytes`. */
enum err archive_begin(struct archive_writer *writer, const char *name, int64_t bytes) MUST_CHECK;
enum err archive_add(struct archive_writer *writer, struct str piece) MUST_CHECK;
enum err archive_end(struct archive_writer *writer) MUST_CHECK;
/* Takes back the entry that was begun. */
enum err archive_undo(struct archive_writer *writer) MUST_CHECK;
/* On disk for good, under its own name, when it returns OK. */
enum err archive_finish(struct archive_writer *writer) MUST_CHECK;
int64_t archive_bytes(const struct archive_writer *writer);
/* Removes what was not finished. NULL is fine. */
void archive_close(struct archive_writer *writer);

/* ---- reading ---- */

struct archive_reader;
/* What is in it; each piece of a blob comes by itself, a segment whole. */
struct archive_sink {
	void *argument;
	enum err (*segment)(void *argument, struct str bytes);
	enum err (*blob_begin)(void *argument, const struct id *id);
	enum err (*blob_add)(void *argument, struct str bytes);
	enum err (*blob_end)(void *argument, int64_t bytes);
	void (*progress)(void *argument, int64_t bytes, int64_t total); /* may be NULL */
};
struct archive_counts {
	int64_t segments, blobs, bytes;
};
/* ERR_NOT_FOUND: no such file; ERR_UNAVAILABLE: it cannot be read; ERR_INVALID: it is no backup. */
enum err archive_open(const char *path, struct arena *arena, struct archive_reader **ret,
		      struct archive_label *ret_label) MUST_CHECK;
/* Reads all of it. `sink` NULL: only checks. ERR_DENIED: the key is not the one of this portal.
 * ERR_CORRUPT: something in it is not what was written, or it ends too early; *ret_where says at
 * which byte, and nothing that was given counts. */
enum err archive_read(struct archive_reader *reader, const struct secret *key,
		      const struct archive_sink *sink, struct archive_counts *ret_counts,
		      int64_t *ret_where) MUST_CHECK;
/* Back to the beginning, for reading it again. */
enum err archive_rewind(struct archive_reader *reader) MUST_CHECK;
/* NULL is fine. */
void archive_release(struct archive_reader *reader);

/* From the key that authenticates rows. */
enum err archive_key(const struct secret *row_key, struct secret **ret) MUST_CHECK;

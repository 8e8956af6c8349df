/* For core/signing*.c: one version of a document: an encrypted file with a key of its own, in
 * nobody's library. Its bytes are stored before the transaction that names it. */
#pragma once

#include "core/cx.h"
#include "core/file_head.h"
#include "pdf/pdf.h"

struct signing_version {
	struct id file_id;
	struct secret *key; /* NULL: none */
	uint8_t sha256[SHA256_BYTES];
	int64_t bytes;
	struct file file; /* as it will stand */
	struct file_part *parts;
	size_t part_count;
	bool is_written; /* a transaction may have named it: its bytes stay */
};

/* All of a file, decrypted. `key`: its own. ERR_CORRUPT was logged. ERR_TOO_LARGE: over
 * LIMIT_PDF_BYTES. Free *ret with pdf_bytes_free() whatever comes of it. */
enum err signing_version_read(struct cx *cx, const struct id *file_id, const struct secret *key,
			      struct pdf_bytes *ret) MUST_CHECK;
/* SHA-256 of a document. */
enum err signing_version_sum(const struct pdf_bytes *document,
			     uint8_t ret[SHA256_BYTES]) MUST_CHECK;

/* Encrypts and stores it; owner: who sent the request. Its rows are signing_version_write()'s. */
enum err signing_version_store(struct cx *cx, const struct id *owner_id, struct str name,
			       const struct pdf_bytes *document,
			       struct signing_version *ret) MUST_CHECK;
/* In the transaction. ERR_TOO_LARGE: its owner's files would take more than quota_bytes (0: however
 * much). */
enum err signing_version_write(struct db *db, const struct signing_version *version,
			       int64_t quota_bytes) MUST_CHECK;
/* Wipes the key; and takes the bytes back, unless is_written. */
void signing_version_drop(struct portal *portal, struct signing_version *version);

/* PDF documents, seen from the portal: each call starts postern-pdf, which alone touches their
 * bytes, in a jail (pdf/worker/jail.h), for one job on one document, and then ends. What it says is
 * believed in nothing that can be checked here.
 *
 * A document is a struct pdf_bytes: memory behind a file descriptor, never a file with a name. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

struct pdf_bytes {
	int fd; /* memfd; -1: none */
	int64_t bytes;
};
enum err pdf_bytes_new(struct pdf_bytes *ret) MUST_CHECK;
/* ERR_TOO_LARGE over LIMIT_PDF_BYTES and what signing adds. An original over LIMIT_PDF_BYTES is
 * refused by pdf_inspect() and pdf_prepare(). */
enum err pdf_bytes_add(struct pdf_bytes *to, struct str bytes) MUST_CHECK;
/* A view of all of it, mapped. Until pdf_bytes_unmap(). */
enum err pdf_bytes_map(const struct pdf_bytes *of, struct str *ret) MUST_CHECK;
void pdf_bytes_unmap(struct str view);
/* Wiped and closed. NULL and -1 are fine. */
void pdf_bytes_free(struct pdf_bytes *bytes);

/* What the worker needs to run; portal->pdf. */
struct pdf_workers;
/* program: path of postern-pdf. at_once: how many places there are. */
enum err pdf_workers_new(struct str program, int at_once, struct pdf_workers **ret) MUST_CHECK;
/* When no place is taken. NULL is fine. */
void pdf_workers_free(struct pdf_workers *workers);

/* A place among the workers. A portal's job takes one before it reads a document, and leaves it
 * when it has stored what came of it: so there are never more documents in memory than places. They
 * are given in the order in which they were asked for; with several, nobody has all of them. */
struct pdf_place {
	struct pdf_workers *workers; /* NULL: none was taken */
	struct id who;
	bool is_held;           /* with the workers' lock, as the next */
	struct pdf_place *next; /* who came later */
};
/* For a job of this person. Must not move until it is left. ERR_BUSY: so many wait already, none
 * was free for LIMIT_PDF_WAIT_MS, or LIMIT_PDF_JOBS_EACH of this person's have one or wait. */
enum err pdf_place_take(struct pdf_workers *workers, const struct id *who,
			struct pdf_place *ret) MUST_CHECK;
/* Between two documents of a long job: whoever waits goes first. ERR_BUSY: it was not given back in
 * time, and is left. */
enum err pdf_place_pass(struct pdf_place *place) MUST_CHECK;
/* One that was never taken is fine. */
void pdf_place_leave(struct pdf_place *place);

/* Why a document is refused; each has a sentence (core/signing_words). Sent by the worker as these
 * numbers. */
enum pdf_refusal {
	PDF_FINE = 0,
	PDF_NOT_A_PDF,
	PDF_DAMAGED,        /* it would have to be repaired: pages may be missing */
	PDF_NEEDS_PASSWORD, /* encrypted in whatever way */
	PDF_XFA,
	PDF_SIGNED_SHUT,    /* its own signatures forbid ours */
	PDF_TOO_MANY_PAGES, /* LIMIT_PDF_PAGES */
	PDF_BAD_PAGE,       /* a page without a size, or over LIMIT_PDF_PAGE_POINTS */
	PDF_TOO_HEAVY,      /* it took more memory or time than it may */
	PDF_BAD_IMAGE,      /* a drawn signature that is no picture, or too much of one */
	PDF_SIGNED_SCRIPTS, /* signed, with scripts: they cannot be taken out, nor stay */
	PDF_SIGNED_FALSELY, /* what looks like a signature in it is none, or none of this document
			     */
	PDF_BAD_FIELD,      /* a field outside of its page, without a size, or not there */
	PDF_REFUSALS,
};
/* Every call below: ERR_INVALID: *ret_refusal says why this document is refused. ERR_INTERNAL: the
 * worker has crashed or talks nonsense (logged). ERR_UNAVAILABLE: it could not be started or
 * jailed. ERR_TOO_LARGE: the document is, or would be. */

struct pdf_page_size {
	double width, height; /* in points, as shown: turned, and cut to what readers show */
	int rotation;         /* 0, 90, 180, 270 */
};
struct pdf_facts {
	struct pdf_page_size *pages;
	size_t page_count;
	int64_t signature_count;               /* that it has already */
	bool has_scripts, has_files, has_form; /* scripts are taken out, when it is prepared */
};
/* What counts as signed has signatures that are of these bytes: checked here, not in the worker. */
enum err pdf_inspect(struct pdf_workers *workers, const struct pdf_bytes *document,
		     struct arena *arena, struct pdf_facts *ret,
		     enum pdf_refusal *ret_refusal) MUST_CHECK;

/* Points from the top left corner of the page as shown (P6). page: from 1. */
struct pdf_box {
	int64_t page;
	double x, y, width, height;
};
enum pdf_field_kind {
	PDF_FIELD_SIGNATURE = 1,
	PDF_FIELD_INITIALS,
	PDF_FIELD_NAME,
	PDF_FIELD_DATE,
	PDF_FIELD_TEXT,
	PDF_FIELD_CHECK,
};
struct pdf_field {
	struct str id; /* ASCII letters and digits; the field's name in the document */
	enum pdf_field_kind kind;
	int64_t signer; /* 0, 1 ... */
	struct pdf_box box;
};
struct pdf_plan {
	const struct pdf_field *fields;
	size_t field_count;
	const struct str *signers; /* names, for the blocks on the certificate page */
	size_t signer_count;
	struct str title;    /* of the certificate page, in the sender's language */
	int64_t trail_lines; /* room for so many on it */
	bool wants_blocks;   /* a block for each signer who has no signature field here; without one
				their signature is there, but nothing to see */
};
/* A document that pdf_inspect() takes, as it will be signed: with all empty fields and the
 * certificate page. Its own signatures stay valid. */
enum err pdf_prepare(struct pdf_workers *workers, const struct pdf_bytes *document,
		     const struct pdf_plan *plan, struct pdf_bytes *ret,
		     enum pdf_refusal *ret_refusal) MUST_CHECK;

/* What a signer has put into a field: text, "on" for a check box, or a picture. A mark without a
 * field_id is their signature, wherever it goes (their first field of that kind, or their block);
 * without one it is their name, typed. */
struct pdf_mark {
	struct str field_id; /* empty: the signer's block on the certificate page (wants_blocks) */
	struct str text;
	struct str png; /* empty: the text is drawn */
};
enum pdf_signing_kind {
	PDF_CERTIFY = 1, /* invisible, the first: allows filling in and signing only (DocMDP P=2) */
	PDF_SIGN,        /* one signer's */
	PDF_SEAL,        /* the last: allows nothing; its appearance is the audit trail */
};
struct pdf_signing {
	enum pdf_signing_kind kind;
	int64_t signer; /* of PDF_SIGN */
	const struct pdf_mark *marks;
	size_t mark_count;
	struct str name;   /* /Name: who signs */
	struct str reason; /* /Reason */
	struct str contact;
	struct str trail; /* of PDF_SEAL: lines of the audit trail, UTF-8 */
	int64_t at_ms;    /* /M */
};
/* A document with a signature's place open: what it signs, and where the signature goes. */
struct pdf_open {
	struct pdf_bytes document;     /* whole: what was there before, and an incremental update */
	int64_t hole_from, hole_until; /* in bytes: /Contents <...> with its angle brackets */
};
/* Adds the incremental update. The old bytes stay as they were: checked here. */
enum err pdf_open_signature(struct pdf_workers *workers, const struct pdf_bytes *document,
			    const struct pdf_signing *signing, struct pdf_open *ret,
			    enum pdf_refusal *ret_refusal) MUST_CHECK;
/* The SHA-256 of what the signature covers: all but the hole. */
enum err pdf_open_digest(const struct pdf_open *open, uint8_t ret_sha256[32]) MUST_CHECK;
/* Puts the signature (DER) into its hole. ERR_TOO_LARGE: it does not fit. */
enum err pdf_open_close(struct pdf_open *open, struct str cms) MUST_CHECK;

/* ---- for `postern verify` ---- */

struct pdf_signature {
	struct str field;
	struct str sub_filter, reason, name;
	int64_t at_ms;       /* /M: when, as whoever signed says; 0: nothing */
	int64_t range[4];    /* /ByteRange, inside the document */
	struct str contents; /* DER, without what pads it */
	int64_t docmdp;      /* 1, 2, 3; 0: it certifies nothing */
	bool is_field_lock_all;
	bool covers_all; /* up to the end of the document */
	bool is_whole;   /* the range leaves out the contents of this signature and nothing else */
	/* Only what its rules (and those of the certification) allow came after it. */
	bool is_untouched_since;
	/* Not so, but it allows more, and there are only more pages after the last one, and
	 * fields: all that it covers is there as it was. */
	bool is_only_added_to;
	struct str changed; /* what was changed or added after it: "page 2", "field a1" */
};
/* The two pieces of the document that it covers. False: it leaves out more than itself. */
bool pdf_signature_pieces(const struct pdf_signature *signature, struct str document,
			  struct str ret[2]);
struct pdf_signatures {
	struct pdf_signature *items; /* oldest first */
	size_t count;
	bool has_unsigned_end; /* there are bytes after what the last one covers */
	bool has_empty_places; /* for signatures that nobody has made */
};
enum err pdf_signatures(struct pdf_workers *workers, const struct pdf_bytes *document,
			struct arena *arena, struct pdf_signatures *ret,
			enum pdf_refusal *ret_refusal) MUST_CHECK;

/* The files of a form that is written in: what is attached, and what the script that uploads them
 * has to know and to say. */
#pragma once

#include "core/message.h"
#include "core/upload.h"
#include "http/form.h"
#include "web/file_words.h"

enum attached_state {
	ATTACHED_READY,
	ATTACHED_UNFINISHED, /* not all of it has come */
	ATTACHED_REFUSED,    /* it cannot go with a message (any more) */
};

struct attached_file {
	struct file_words words;
	enum attached_state state;
	struct str note; /* a sentence when it is not ready */
	int64_t bytes;
	int64_t offset; /* of an unfinished one: so much of it has come */
};

struct files_part {
	struct attached_file *items;
	size_t count;
	bool is_offered;   /* files may be attached (P7) */
	struct str wrong;  /* why the message cannot go with them; empty: nothing */
	struct str limits; /* what may be attached, in a sentence */
	/* For the script: numbers, the sentences about them, and the marks that sentences hold
	   where it puts a name or a number. */
	int64_t file_bytes, message_bytes;
	int64_t left_bytes; /* of the quota; -1: there is none */
	int64_t most;
	struct str file_size, message_size, left_size;
	struct str blocked;
	struct {
		struct str name, ending, number, done, size, speed, time, why;
	} mark;
	struct attached_file blank; /* a row to copy */
	bool is_for_signing;        /* they may become documents to sign ... */
	struct str document_size;   /* ... of up to so many bytes */
};

/* Files of a draft; errors: of its form. What cannot be attached any more is said, not dropped. */
enum err files_part_fill(struct cx *cx, const struct draft *draft, const struct form_errors *errors,
			 struct files_part *ret) MUST_CHECK;
/* The fields "file" of a form without the one that "drop" names; what is no id is as good as none.
 */
enum err files_part_read(struct arena *arena, const struct form *form,
			 struct draft *draft) MUST_CHECK;
/* Only what is attached: draft->file_count of them. */
enum err files_part_list(struct cx *cx, const struct draft *draft,
			 struct attached_file **ret) MUST_CHECK;
/* "Up to 5 GB each; you have 88 GB left." */
struct str files_part_limits(struct cx *cx, const struct upload_limits *limits);
/* "12 GB used, 88 GB left" */
struct str files_part_used(struct cx *cx, int64_t used_bytes, int64_t quota_bytes);

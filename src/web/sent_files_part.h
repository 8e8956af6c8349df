/* The files of a message that was sent, as its page shows them. */
#pragma once

#include "core/mailbox.h"
#include "web/file_words.h"

struct sent_file {
	struct file_words words;
	struct id message_id;
	struct str end;       /* why it cannot be opened (any more); empty: it can */
	struct str reach;     /* for the sender: who has lost it; empty: nobody */
	bool is_confidential; /* its download asks for the password */
	bool can_recall;
};

struct sent_files {
	struct sent_file *items;
	size_t count;
	int64_t hidden_count; /* of a message that asks for the password */
	struct str all;       /* "Download all (3 files, 12 MB)"; empty: not worth it */
	struct id message_id;
	bool is_confidential;
};

enum err sent_files_fill(struct cx *cx, const struct message_view *message,
			 struct sent_files *ret) MUST_CHECK;

/* For tests and the benchmark of searching: messages as from before there was search, and many
 * without waiting for a commit each. */
#pragma once

#include "core/core_fixture.h"

struct search_scene_message {
	struct session *from;
	const struct user *to;
	enum recipient_kind kind; /* 0: To */
	struct str subject, body;
	unsigned options;
	int64_t expires_ms;
	bool is_unfolded; /* stored before there was search */
};

struct search_scene_rows {
	struct message message;
	struct delivery deliveries[2];
};

/* In cx->arena; the time is the clock's. Ends the program when that fails. */
void search_scene_prepare(struct cx *cx, const struct search_scene_message *message,
			  struct search_scene_rows *ret);
/* All in one transaction. */
void search_scene_insert(struct portal *portal, const struct search_scene_rows *rows, size_t count);
/* Both, for one. */
struct id search_scene_add(struct core_fixture *f, const struct search_scene_message *message);

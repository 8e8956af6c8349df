/* Telling people's open windows at once that something of theirs has changed. An event says what
 * and where, never more: who is told reads it like anybody who comes later.
 *
 * Published after the commit, by the core function that changed it. A hub knows the windows of this
 * process. With several processes on one database, live_publish() is the one place that has to tell
 * the others too, and what they hear from it goes to their own hub. */
#pragma once

#include "core/cx.h"

enum live_kind {
	LIVE_MESSAGE,  /* came for them */
	LIVE_OPENED,   /* one they sent was opened */
	LIVE_TRACKED,  /* something else became of one they sent */
	LIVE_RECALLED, /* one they may be reading is gone */
	LIVE_CHANGED,  /* in their own boxes, by another window of theirs perhaps: moved, marked,
			* sent
			*/
	LIVE_REFRESH,  /* more than was kept: everything may have changed. Without a message. */
	LIVE_KINDS,
};

struct live_event {
	enum live_kind kind;
	struct id message_id;
	int64_t number; /* of all events, in order */
};

struct live; /* the hub; portal->live */

enum err live_new(struct live **ret) MUST_CHECK;
/* When nobody listens any more. NULL is fine. */
void live_free(struct live *live);

/* From any thread. Costs next to nothing when the person listens nowhere. */
void live_publish(struct portal *portal, const struct id *user_id, enum live_kind kind,
		  const struct id *message_id);
/* Somebody's sessions or rights have changed: whoever listens for them looks at once whether that
 * still holds. */
void live_check_rights(struct portal *portal, const struct id *user_id);
/* Is a window of theirs listening right now? Such people need no mail. */
bool live_is_connected(struct portal *portal, const struct id *user_id);

/* What a window knows of already: everything up to now. Put into a page before its content is read,
 * it lets the window ask for what it has missed. */
struct str live_now(struct portal *portal, struct arena *arena);

struct live_listener;
/* `wake` is called, by any thread and possibly with a lock of the hub held, when there is something
 * to take. `since`: what live_now() said, or an event's live_number_text(); empty: from now on. If
 * there was something for this person since, or nobody can tell, a LIVE_REFRESH waits. */
enum err live_listen(struct portal *portal, const struct id *user_id, struct str since,
		     void (*wake)(void *argument), void *argument,
		     struct live_listener **ret) MUST_CHECK;
/* After this wake is not called any more. NULL is fine. */
void live_leave(struct live_listener *listener);
/* Takes what has happened, oldest first; at most `max`. The same of the same message is told once.
 * *ret_must_check: see live_check_rights(). */
size_t live_take(struct live_listener *listener, struct live_event *events, size_t max,
		 bool *ret_must_check);
/* For `id:` of an event. */
struct str live_number_text(struct portal *portal, struct arena *arena, int64_t number);

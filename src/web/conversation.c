#include "web/conversation.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "web/compose_page.h"
#include "web/delivery.h"
#include "web/markdown.h"
#include "web/when.h"

enum {
	/* HTML of the texts on one page; what is more gets a link. The text asked for, escaped,
	   takes six times its length at most, so that it always has room. */
	MARKUP_MAX_BYTES = 6 * LIMIT_BODY_BYTES + (2 << 20),
	PEOPLE_SHOWN = 30,
	EXCERPT_CHARS = 120, /* more than a line holds */
};

static struct str label_of(struct cx *cx, const struct message_person *person)
{
	if (delivery_address(person->name, person->address).len == 0)
		return person->name;
	return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_PERSON_ADDRESS,
			 TEXT_ARG("name", person->name), TEXT_ARG("address", person->address));
}

/* "Anna (anna@example.com), Ben (ben@example.com) and 3 more". */
static struct str people_line(struct cx *cx, const struct message_view *message,
			      enum recipient_kind kind)
{
	struct buf CLEANUP_BUF line;
	int64_t shown = 0, more;
	buf_init(&line, LIMIT_BODY_SMALL);
	for (size_t i = 0; i < message->people_count && shown < PEOPLE_SHOWN; i++) {
		if (message->people[i].kind != kind)
			continue;
		if (shown++ > 0)
			buf_add(&line, STR(", "));
		buf_add(&line, label_of(cx, &message->people[i]));
	}
	more = message->kind_counts[kind] - shown;
	if (more > 0) {
		buf_add_char(&line, ' ');
		buf_add(&line, TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_PEOPLE_MORE,
					 TEXT_NUMBER("count", more)));
	}
	return arena_copy(cx->arena, buf_str(&line));
}

static struct str audience_of_mine(struct cx *cx, const struct message_view *message,
				   int64_t others)
{
	const struct message_person *first = &message->people[0];
	if (message->people_count == 0)
		return STR_NONE;
	if (others == 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_TO_PERSON,
				 TEXT_ARG("name", label_of(cx, first)));
	return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_TO_PERSON_AND,
			 TEXT_ARG("name", first->name), TEXT_NUMBER("count", others));
}

/* Who is not the sender is one of those who got it. */
static struct str audience_of_theirs(struct cx *cx, const struct message_view *message,
				     int64_t others)
{
	if (message->is_quoted)
		return audience_of_mine(cx, message, others);
	for (size_t i = 0; i < message->people_count; i++) {
		if (message->people[i].kind == RECIPIENT_BCC) /* one sees no other's */
			return text_get(cx->language, TEXT_MESSAGE_TO_YOU_UNSEEN);
	}
	if (others <= 0)
		return text_get(cx->language, TEXT_MESSAGE_TO_YOU);
	return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_TO_YOU_AND,
			 TEXT_NUMBER("count", others));
}

static void fill_people(struct cx *cx, const struct message_view *message,
			struct message_part *part)
{
	int64_t others = (int64_t)message->people_count + message->people_more - 1;
	part->audience = message->is_mine ? audience_of_mine(cx, message, others)
					  : audience_of_theirs(cx, message, others);
	part->is_audience_whole =
		others < 0 || (others == 0 && message->people[0].kind == RECIPIENT_TO);
	if (part->is_audience_whole)
		return;
	part->to = people_line(cx, message, RECIPIENT_TO);
	part->cc = people_line(cx, message, RECIPIENT_CC);
	part->bcc = people_line(cx, message, RECIPIENT_BCC);
}

/* Signs of Markdown that a reader would stumble over. */
static struct str without_marks(struct cx *cx, struct str line)
{
	char *kept = arena_alloc(cx->arena, line.len + 1);
	size_t len = 0;
	for (size_t i = 0; kept && i < line.len; i++) {
		bool is_pair = i + 1 < line.len && line.data[i] == line.data[i + 1] &&
			       (line.data[i] == '*' || line.data[i] == '_');
		if (is_pair)
			i++;
		else if (line.data[i] != '`')
			kept[len++] = line.data[i];
	}
	return str_bytes(kept, len);
}

/* The first line that says something. */
static struct str excerpt_of(struct cx *cx, struct str body)
{
	const struct str marks = STR("#>*-+_`~= \t\r");
	struct str line = STR_NONE;
	while (str_next(&body, '\n', &line)) {
		while (line.len > 0 && str_find_char(marks, line.data[0]) >= 0)
			line = str_slice(line, 1, line.len);
		if (line.len > 0)
			return without_marks(cx, utf8_first(line, EXCERPT_CHARS));
	}
	return STR_NONE;
}

static struct str why_not(struct cx *cx, enum message_refusal refusal)
{
	if (refusal == REFUSAL_NONE)
		return STR_NONE;
	return text_get(cx->language, message_options_sentence(refusal));
}

/* Has a text, and that is nothing. */
static bool is_empty(const struct message_view *message)
{
	return message->ended == DELIVERY_LIVE && !message->needs_password &&
	       !message->is_body_left_out && message->quoted_count == 0 &&
	       message->file_count == 0 && str_trim(message->body).len == 0;
}

static enum err fill_message(struct cx *cx, const struct message_view *message,
			     struct message_part *part)
{
	const struct message_person *sender = &message->sender;
	*part = (struct message_part){
		.id = message->id,
		.sender = sender->name,
		.is_automatic = message->options & OPTION_AUTOMATIC,
		.sender_address = delivery_address(sender->name, sender->address),
		.initial = utf8_first(sender->name, 1),
		.when = when_long(cx, message->sent_ms),
		.when_iso = when_iso(cx, message->sent_ms),
		.terms = options_part_terms(
			cx, &(struct message_terms){message->options, message->expires_ms}),
		.end = quoted_part_end(cx, message),
		.needs_password = message->needs_password,
		.has_forward = policy_may(cx, ACT_FORWARD),
		.can_forward = message->acts.forward == REFUSAL_NONE,
		.forward_why_not = why_not(cx, message->acts.forward),
		.is_empty = is_empty(message),
		.is_elsewhere = message->is_body_left_out,
		.is_unreadable = message->is_unreadable,
		.is_mine = message->is_mine,
		.is_open = message->was_unread,
		.is_folded = message->is_folded,
		.box = message->box,
		.labels = message->labels,
		.label_count = message->label_count,
	};
	options_part_retention(cx, message->sent_ms, &part->terms);
	TRY(sent_files_fill(cx, message, &part->files));
	if (!message->is_unreadable && !message->is_folded)
		fill_people(cx, message, part);
	return delivery_fill(cx, message, part);
}

/* Of the message asked for and of the newest of one's own; older ones only say how many. */
static void fold_deliveries(const struct conversation_view *view, size_t asked,
			    struct message_part *parts)
{
	bool is_newest = true;
	for (size_t i = view->count; i-- > 0;) {
		if (!view->messages[i].is_mine)
			continue;
		parts[i].is_newest_mine = is_newest;
		parts[i].is_delivery_open &= parts[i].is_open && (is_newest || i == asked);
		is_newest = false;
	}
}

/* Renders a text unless the page has enough already. */
static enum err fill_body(struct cx *cx, const struct message_view *message, size_t *bytes_left,
			  struct message_part *part)
{
	bool has_none = part->is_unreadable || part->is_empty || part->is_elsewhere ||
			part->is_folded || part->needs_password || part->end.len > 0;
	if (has_none || part->body.markup.len > 0 || part->quoted)
		return OK;
	enum err err = markdown_render(cx->arena, message->body, *bytes_left, &part->body);
	part->is_elsewhere = err == ERR_TOO_LARGE;
	if (part->is_elsewhere)
		return OK;
	TRY(err);
	*bytes_left -= part->body.markup.len;
	part->quoted_count = message->quoted_count;
	return quoted_part_fill(cx, message, bytes_left, &part->quoted);
}

/* The one asked for first, then from the newest back, so that what is left out is old. */
static enum err fill_bodies(struct cx *cx, const struct conversation_view *view, size_t asked,
			    struct message_part *parts)
{
	size_t bytes_left = MARKUP_MAX_BYTES;
	TRY(fill_body(cx, &view->messages[asked], &bytes_left, &parts[asked]));
	for (size_t i = view->count; i-- > 0;)
		TRY(fill_body(cx, &view->messages[i], &bytes_left, &parts[i]));
	return OK;
}

/* The newest message of somebody else is what one answers; with none, one's own newest. */
static const struct message_view *answered(const struct conversation_view *view)
{
	for (size_t i = view->count; i-- > 0;) {
		const struct message_view *message = &view->messages[i];
		if (!message->is_mine && !message->is_unreadable && !message->is_quoted)
			return &view->messages[i];
	}
	return &view->messages[view->count - 1];
}

/* "Anna" or "Anna and 2 others". Nobody in To: all are written to, or nobody. */
static struct str answered_people(struct cx *cx, const struct message_view *message,
				  enum recipient_kind kind)
{
	int64_t count = message->kind_counts[kind];
	for (size_t i = 0; i < message->people_count; i++) {
		const struct message_person *person = &message->people[i];
		if (person->kind != kind)
			continue;
		if (count == 1)
			return label_of(cx, person);
		return TEXT_FILL(cx->arena, cx->language, TEXT_REPLY_PEOPLE_AND,
				 TEXT_ARG("name", person->name), TEXT_NUMBER("count", count - 1));
	}
	return STR_NONE;
}

static void fill_reply(struct cx *cx, const struct conversation_view *view,
		       struct reply_part *reply)
{
	static const struct form_errors no_errors;
	const struct message_view *message = answered(view);
	int64_t in_to = message->kind_counts[RECIPIENT_TO];
	bool has_only_cc = message->is_mine && in_to == 0;
	*reply = (struct reply_part){
		/* Of documents that only the sender signs there is nobody to answer. */
		.is_possible = view->can_reply && message->acts.reply == REFUSAL_NONE &&
			       !(message->is_mine && message->people_count == 0),
		.why_not = why_not(cx, message->acts.reply),
		.why_not_all = why_not(cx, message->acts.reply_all),
		.inherits = options_part_words(
			cx, &(struct message_terms){message->options, message->expires_ms}),
		.message_id = message->id,
		.key = compose_page_key(cx->arena),
		.is_to_own = message->is_mine,
		.has_choice = !has_only_cc &&
			      (int64_t)view->others_count > (message->is_mine ? in_to : 1),
		.is_to_all = has_only_cc,
		.others_count = view->others_count,
		.to = !message->is_mine
			      ? message->sender.name
			      : answered_people(cx, message,
						has_only_cc ? RECIPIENT_CC : RECIPIENT_TO),
		.errors = &no_errors,
	};
}

/* Who sends a request to sign and signs too is one of those it is addressed to, with no delivery of
 * it. */
static void add_sender(struct cx *cx, const struct message_view *message, struct message_part *part)
{
	if (part->audience.len > 0)
		part->audience = TEXT_FILL(cx->arena, cx->language,
					   message->is_mine ? TEXT_MESSAGE_YOU_SIGN_TOO
							    : TEXT_MESSAGE_SENDER_SIGNS_TOO,
					   TEXT_ARG("audience", part->audience),
					   TEXT_ARG("name", message->sender.name));
	if (part->to.len > 0)
		part->to = arena_printf(cx->arena, "%.*s, %.*s", STR_ARGS(part->to),
					STR_ARGS(label_of(cx, &message->sender)));
}

/* Of so many messages on one page only the one asked for says how its documents stand. */
enum { CARDS_MAX = 50 };

static enum err fill_signing(struct cx *cx, const struct conversation_view *view, size_t asked,
			     struct message_part *parts)
{
	for (size_t i = 0; i < view->count; i++) {
		const struct message_view *message = &view->messages[i];
		struct message_part *part = &parts[i];
		bool has_none = part->is_unreadable || part->is_folded || part->needs_password ||
				part->end.len > 0 || message->is_quoted;
		if (has_none || (view->count > CARDS_MAX && i != asked))
			continue;
		TRY(signing_card_fill(cx, &message->id, message->is_mine, message->sender.name,
				      &part->signing));
		if (part->signing.sender_signs)
			add_sender(cx, message, part);
		/* What was signed stays (P6). */
		if (part->signing.is_sealed)
			part->can_recall = false;
	}
	return OK;
}

enum err conversation_fill(struct cx *cx, const struct id *id, unsigned how,
			   struct conversation_part *ret)
{
	struct conversation_view view;
	TRY(mailbox_conversation_as(cx, id, how, &view));
	struct message_part *parts = ARENA_ARRAY(cx->arena, view.count, struct message_part);
	if (parts == NULL)
		return ERR_UNAVAILABLE;
	size_t asked = view.count - 1;
	for (size_t i = 0; i < view.count; i++) {
		TRY(fill_message(cx, &view.messages[i], &parts[i]));
		if (id_eq(&view.messages[i].id, id))
			asked = i;
	}
	TRY(fill_bodies(cx, &view, asked, parts));
	/* Asked for only its header, nobody has seen the documents. */
	bool is_seen = cx->is_background || !(how & CONVERSATION_LOOK);
	if (is_seen)
		TRY(fill_signing(cx, &view, asked, parts));
	parts[asked].is_open = true;
	parts[asked].is_asked = true;
	parts[view.count - 1].is_open = true;
	bool has_folded = false;
	for (size_t i = 0; i < view.count; i++) {
		has_folded |= parts[i].is_folded;
		if (!parts[i].is_open && !parts[i].is_unreadable)
			parts[i].excerpt = excerpt_of(cx, view.messages[i].body);
	}
	fold_deliveries(&view, asked, parts);
	*ret = (struct conversation_part){
		.message_id = *id,
		.subject = view.subject.len > 0 ? view.subject
						: text_get(cx->language, TEXT_BOX_NO_SUBJECT),
		.messages = parts,
		.count = view.count,
		.asked = asked,
		.is_mine = view.messages[asked].is_mine,
		.is_cut = view.count == LIMIT_CONVERSATION_MESSAGES,
		.has_folded = has_folded,
		.labels = view.labels,
		.label_count = view.label_count,
	};
	fill_reply(cx, &view, &ret->reply);
	return OK;
}

#include "web/delivery.h"

#include "core/people_erase.h"
#include "core/policy.h"
#include "web/when.h"

struct str delivery_address(struct str name, struct str address)
{
	bool is_erased = str_ends_with(address, STR(PEOPLE_ERASED_DOMAIN));
	return is_erased || str_eq(name, address) ? STR_NONE : address;
}

static struct str mail_words(struct cx *cx, enum mail_state mail)
{
	switch (mail) {
	case MAIL_QUEUED: return text_get(cx->language, TEXT_MESSAGE_MAIL_QUEUED);
	case MAIL_ACCEPTED: return text_get(cx->language, TEXT_MESSAGE_MAIL_ACCEPTED);
	case MAIL_BOUNCED: return text_get(cx->language, TEXT_MESSAGE_MAIL_BOUNCED);
	case MAIL_NOT_SENT: return text_get(cx->language, TEXT_MESSAGE_MAIL_NOT_SENT);
	case MAIL_NONE:
	case MAIL_VOID: break;
	}
	return STR_NONE;
}

static struct str dated(struct cx *cx, enum text_id id, int64_t ms)
{
	return TEXT_FILL(cx->arena, cx->language, id, TEXT_ARG("date", when_long(cx, ms)));
}

/* They sign after others, and are invited when it is their turn. */
static bool is_not_told_yet(const struct message_person *person)
{
	return person->state == USER_INVITED && person->mail == MAIL_NONE &&
	       person->notified_ms == 0;
}

static struct str state_words(struct cx *cx, const struct message_person *person)
{
	if (person->recalled_ms > 0)
		return dated(cx, TEXT_MESSAGE_RECALLED_FROM, person->recalled_ms);
	if (person->opened_ms > 0)
		return dated(cx, TEXT_MESSAGE_OPENED, person->opened_ms);
	if (is_not_told_yet(person))
		return text_get(cx->language, TEXT_MESSAGE_NOT_TOLD_YET);
	struct str state = text_get(cx->language, person->state == USER_INVITED
							  ? TEXT_MESSAGE_INVITED_NOT_REGISTERED
							  : TEXT_MESSAGE_NOT_OPENED);
	struct str mail = mail_words(cx, person->mail);
	if (mail.len == 0)
		return state;
	return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_STATE_AND_MAIL,
			 TEXT_ARG("state", state), TEXT_ARG("mail", mail));
}

enum { TRACKED_MAX = 6 };

/* P4.3: each step with its time, in the order in which they can happen. Without `but`. */
static size_t tracked_lines(struct cx *cx, const struct message_person *person, int64_t but_ms,
			    struct tracked_line *lines)
{
	const struct {
		enum text_id id;
		int64_t ms;
	} steps[TRACKED_MAX] = {
		{TEXT_MESSAGE_NOTIFIED, person->notified_ms},
		{TEXT_MESSAGE_OPENED, person->opened_ms},
		{TEXT_MESSAGE_REPLIED_AT, person->replied_ms},
		{TEXT_MESSAGE_FORWARDED_AT, person->forwarded_ms},
		{TEXT_MESSAGE_SIGNED_AT, person->signed_ms},
		{TEXT_MESSAGE_RECALLED_FROM, person->recalled_ms},
	};
	size_t count = 0;
	for (size_t i = 0; i < TRACKED_MAX; i++) {
		if (steps[i].ms > 0 && steps[i].ms != but_ms)
			lines[count++].words = dated(cx, steps[i].id, steps[i].ms);
	}
	return count;
}

/* What the state does not say already. */
static struct str times_words(struct cx *cx, const struct message_person *person)
{
	struct tracked_line lines[TRACKED_MAX];
	struct str times = STR_NONE;
	int64_t said_ms = person->recalled_ms > 0 ? person->recalled_ms : person->opened_ms;
	size_t count = tracked_lines(cx, person, said_ms, lines);
	for (size_t i = 0; i < count; i++)
		times = arena_printf(cx->arena, "%.*s%s%.*s", STR_ARGS(times), i > 0 ? " · " : "",
				     STR_ARGS(lines[i].words));
	return times;
}

static struct str name_of(struct cx *cx, const struct message_view *message,
			  const struct id *file_id)
{
	for (size_t i = 0; message->files && i < message->file_count; i++) {
		const struct file_view *file = &message->files[i];
		if (id_eq(&file->id, file_id) && !file->is_unreadable)
			return file->head.name;
	}
	return text_get(cx->language, TEXT_FILES_UNREADABLE_HEAD);
}

/* Who downloaded which file when, and who lost it (P5): two lines a file at most. */
static size_t file_lines(struct cx *cx, const struct message_view *message,
			 const struct message_person *person, struct tracked_line *lines)
{
	size_t count = 0;
	for (size_t i = 0; i < person->file_count; i++) {
		const struct file_fate *fate = &person->files[i];
		const struct {
			enum text_id id;
			int64_t ms;
		} steps[] = {{TEXT_FILES_DOWNLOADED, fate->downloaded_ms},
			     {TEXT_FILES_LOST, fate->recalled_ms}};
		for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
			if (steps[s].ms == 0)
				continue;
			lines[count++].words =
				TEXT_FILL(cx->arena, cx->language, steps[s].id,
					  TEXT_ARG("name", name_of(cx, message, &fate->file_id)),
					  TEXT_ARG("date", when_long(cx, steps[s].ms)));
		}
	}
	return count;
}

static enum err fill_person_files(struct cx *cx, const struct message_view *message,
				  const struct message_person *person, struct person_part *part)
{
	part->files = ARENA_ARRAY(cx->arena, 2 * person->file_count + 1, struct tracked_line);
	if (part->files == NULL)
		return ERR_UNAVAILABLE;
	part->file_count = file_lines(cx, message, person, part->files);
	return OK;
}

static enum err fill_tracked(struct cx *cx, const struct message_view *message,
			     struct message_part *part)
{
	part->has_tracked = !message->is_unreadable && !message->is_quoted && !message->is_folded;
	part->tracked = ARENA_ARRAY(cx->arena, TRACKED_MAX + 2 * message->own.file_count,
				    struct tracked_line);
	if (part->tracked == NULL)
		return ERR_UNAVAILABLE;
	part->tracked_count = tracked_lines(cx, &message->own, 0, part->tracked);
	part->tracked_count +=
		file_lines(cx, message, &message->own, part->tracked + part->tracked_count);
	return OK;
}

static void fill_recalled(struct cx *cx, const struct message_view *message,
			  struct message_part *part)
{
	part->reason = message->reason;
	if (message->is_mine && message->recalled_ms > 0)
		part->recalled = dated(cx, TEXT_MESSAGE_RECALLED_OWN, message->recalled_ms);
	else
		part->can_recall = message->is_mine && policy_may(cx, ACT_RECALL);
}

enum { PEOPLE_SHOWN_AT_ONCE = 4 };

enum err delivery_fill(struct cx *cx, const struct message_view *message, struct message_part *part)
{
	fill_recalled(cx, message, part);
	if (!message->is_mine)
		return fill_tracked(cx, message, part);
	part->people = ARENA_ARRAY(cx->arena, message->people_count + 1, struct person_part);
	if (part->people == NULL)
		return ERR_UNAVAILABLE;
	part->people_count = message->people_count;
	part->people_more = message->people_more;
	part->people_total = (int64_t)message->people_count + message->people_more;
	part->opened_count = message->opened_count;
	for (size_t i = 0; i < message->people_count; i++) {
		const struct message_person *person = &message->people[i];
		part->people[i] = (struct person_part){
			.id = person->id,
			.name = person->name,
			.address = delivery_address(person->name, person->address),
			.state = state_words(cx, person),
			/* "250 OK" helps nobody; why it waits or came back does. */
			.words = person->opened_ms > 0 || person->mail == MAIL_ACCEPTED ||
						 person->mail == MAIL_NOT_SENT
					 ? STR_NONE
					 : person->mail_reply,
			.times = times_words(cx, person),
			.is_opened = person->opened_ms > 0 && person->recalled_ms == 0,
			.is_trouble = person->mail == MAIL_BOUNCED && person->opened_ms == 0,
			.can_resend = person->can_resend_invitation && !is_not_told_yet(person),
		};
		TRY(fill_person_files(cx, message, person, &part->people[i]));
		part->trouble_count += part->people[i].is_trouble;
	}
	part->is_delivery_open =
		message->people_count <= PEOPLE_SHOWN_AT_ONCE || part->trouble_count > 0;
	return OK;
}

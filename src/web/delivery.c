#include "web/delivery.h"

#include "web/when.h"

static struct str mail_words(struct cx *cx, enum mail_state mail)
{
	switch (mail) {
	case MAIL_QUEUED: return text_get(cx->language, TEXT_MESSAGE_MAIL_QUEUED);
	case MAIL_ACCEPTED: return text_get(cx->language, TEXT_MESSAGE_MAIL_ACCEPTED);
	case MAIL_BOUNCED: return text_get(cx->language, TEXT_MESSAGE_MAIL_BOUNCED);
	case MAIL_NONE:
	case MAIL_VOID: break;
	}
	return STR_NONE;
}

static struct str state_words(struct cx *cx, const struct message_person *person)
{
	if (person->opened_ms > 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_OPENED,
				 TEXT_ARG("date", when_long(cx, person->opened_ms)));
	struct str state = text_get(cx->language, person->state == USER_INVITED
							  ? TEXT_MESSAGE_INVITED_NOT_REGISTERED
							  : TEXT_MESSAGE_NOT_OPENED);
	struct str mail = mail_words(cx, person->mail);
	if (mail.len == 0)
		return state;
	return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_STATE_AND_MAIL,
			 TEXT_ARG("state", state), TEXT_ARG("mail", mail));
}

enum { PEOPLE_SHOWN_AT_ONCE = 4 };

enum err delivery_fill(struct cx *cx, const struct message_view *message, struct message_part *part)
{
	if (!message->is_mine)
		return OK;
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
			.address =
				str_eq(person->name, person->address) ? STR_NONE : person->address,
			.state = state_words(cx, person),
			/* "250 OK" helps nobody; why it waits or came back does. */
			.words = person->opened_ms > 0 || person->mail == MAIL_ACCEPTED
					 ? STR_NONE
					 : person->mail_reply,
			.is_opened = person->opened_ms > 0,
			.is_trouble = person->mail == MAIL_BOUNCED && person->opened_ms == 0,
			.can_resend = person->can_resend_invitation,
		};
		part->trouble_count += part->people[i].is_trouble;
	}
	part->is_delivery_open =
		message->people_count <= PEOPLE_SHOWN_AT_ONCE || part->trouble_count > 0;
	return OK;
}

/* The fields of a compose form as a draft. */
#pragma once

#include "core/message.h"
#include "http/form.h"
#include "http/request.h"

/* Everything that was typed and chosen: to, cc, bcc, subject, body, key, and a "grade:ADDRESS" for
 * each choice. */
enum err compose_draft_read(const struct request *req, struct draft *ret) MUST_CHECK;
/* Whether the sender has said what the person at this new address shall be. */
bool compose_draft_has_choice(const struct draft *draft, struct str address, enum grade *ret_grade);

/* Ending a request to sign: a signer declines (/message/{id}/sign/decline), the sender cancels
 * (/message/{id}/signing/cancel). Both are asked for a reason. And reminding those who are asked
 * (P6). */
#pragma once

#include "core/form_errors.h"
#include "http/route.h"
#include "web/frame.h"

struct sign_reason_view {
	struct frame frame;
	struct id message_id;
	bool is_cancel;
	struct str subject, lead;
	struct str reason, reason_error;
	int64_t reason_max;
	const struct form_errors *errors;
};

handler_fn sign_reason_page_decline_show, sign_reason_page_decline;
handler_fn sign_reason_page_cancel_show, sign_reason_page_cancel;
handler_fn sign_reason_page_remind;

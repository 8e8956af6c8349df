/* Requests to sign in JSON (P6): what a program says of one, as a draft; and what signs it. */
#pragma once

#include "api/json_read.h"
#include "core/message.h"
#include "core/signing.h"

/* "files", "signers" with their fields, "order", "deadline", "remind_after_days",
 * "remind_every_days", "remind_before_days", "password_again" and "template". Sets to, files and
 * signing of the draft. Mistakes go to read->errors, each under the path of its field. */
enum err api_signing_read_plan(struct json_read *read, struct draft *draft) MUST_CHECK;
/* "signing" of a draft, which may be missing: the same without signers, who are in To; each of its
 * "fields" says its "signer". After the files were read. */
enum err api_signing_read_draft(struct json_read *read, struct draft *draft) MUST_CHECK;
/* "consent", "fields" and "password". */
enum err api_signing_read_act(struct json_read *read, struct signing_act *ret) MUST_CHECK;

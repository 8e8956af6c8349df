/* A plan of documents to sign (core/signing.h) as text, as forms send it; as bytes, as drafts,
 * requests and templates keep them; and what is wrong with it.
 *
 * A field as a line of text, its parts divided by one space each:
 *
 *   a1 signature anna@example.com 01JD...FILE 2 72 540.5 180 40 required Your signature
 *   id kind      signer           document   page x y width height  ...  label (may be missing)
 *
 * kinds: signature initials name date text check; "required" or "optional"; points from the top
 * left of the page as shown, with up to two digits behind the point. */
#pragma once

#include "core/addressing.h"
#include "core/packed.h"
#include "core/signing.h"

const char *signing_plan_kind_word(enum pdf_field_kind kind);
enum err signing_plan_kind_parse(struct str word, enum pdf_field_kind *ret) MUST_CHECK;
const char *signing_plan_order_word(enum signing_order order);
enum err signing_plan_order_parse(struct str word, enum signing_order *ret) MUST_CHECK;
/* To the hundredth of a point that is kept. */
double signing_plan_round(double points);
/* "540.5" */
struct str signing_plan_points(struct arena *arena, double points);

/* files: the documents, of which field->file is one. */
struct str signing_plan_line(struct arena *arena, const struct signing_field *field,
			     const struct id *files);
/* The texts are views. ERR_INVALID: it is no such line. ERR_NOT_FOUND: its document is not among
 * the files (any more). */
enum err signing_plan_line_parse(struct str line, const struct id *files, size_t file_count,
				 struct signing_field *ret) MUST_CHECK;

/* All of it, in core/packed.h's form. */
void signing_plan_pack(struct buf *out, const struct signing_plan *plan);
/* ERR_CORRUPT: these are no such bytes. The texts are views. */
enum err signing_plan_unpack(struct arena *arena, struct packed *packed,
			     struct signing_plan *ret) MUST_CHECK;

/* The plan with fields by their places in `to` instead of `from`; those of a document that is not
 * there any more are left out. */
enum err signing_plan_move(struct arena *arena, const struct draft *from, const struct id *to,
			   size_t to_count, const struct signing_plan **ret) MUST_CHECK;

/* What a draft that may lack anything may not have either: what could not be kept as it is.
 * Mistakes go to errors: "signing", "deadline", "files". */
void signing_plan_check_size(struct cx *cx, const struct draft *draft, struct form_errors *errors);
/* Every mistake of a draft with a plan that can be told without its documents: who asks, whom,
 * options that requests do not have, deadline, reminders and fields. Mistakes go to errors: "to",
 * "bcc", "files", "options", "expires_at", "forward_of", "deadline", "remind_after_days",
 * "remind_every_days", "remind_before_days", "signing" and, of a placed one, "fields.ID". */
void signing_plan_check(struct cx *cx, const struct user *sender, const struct draft *draft,
			const struct resolved *resolved, struct form_errors *errors);
/* The deadline of a plan without mistakes; 0: none. */
int64_t signing_plan_deadline_ms(struct cx *cx, const struct signing_plan *plan);
/* The place of a signer among those in To: 0, 1 ...; -1: they are not. */
int64_t signing_plan_signer(struct arena *arena, const struct resolved *resolved,
			    struct str address);

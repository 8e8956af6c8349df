/* The places that pdf_prepare() makes in a document and pdf_open_signature() fills:
 *
 *   catalog /Postern << /Fields [ref ...]    every place
 *                       /Signers [ref ...]   where each signer signs, by number
 *                       /Certify ref  /Seal ref >>
 *   field   ... /PosternId (a1) /PosternKind 1 /PosternSigner 0 /PosternSize [w h]
 *
 * PosternSize: as shown, whatever the page's rotation (in /MK /R). */
#pragma once

#include "pdf/worker/form.h"
#include "pdf/worker/page_place.h"

struct place {
	struct str id;
	enum pdf_field_kind kind;
	int64_t signer;   /* -1: the portal */
	struct str label; /* for who has it read to them (/TU) */
	fz_rect rect;     /* in the page's own coordinates; empty: invisible */
	double width, height;
	int rotation;
};
/* Forgets what an earlier preparation of these bytes has left. */
void places_begin(struct work *work, struct form *form);
/* An empty field on this page. Borrowed. */
pdf_obj *places_add(struct work *work, const struct form *form, pdf_obj *page,
		    const struct place *place);
void places_set_signer(struct work *work, int64_t signer, pdf_obj *field);
void places_set(struct work *work, const char *what, pdf_obj *field);

/* Throws PDF_BAD_FIELD when there is none, or it is signed already. */
pdf_obj *places_find_signer(struct work *work, int64_t signer);
pdf_obj *places_find(struct work *work, const char *what);
/* Of this signer; anybody else's is PDF_BAD_FIELD as well. */
pdf_obj *places_find_id(struct work *work, struct str id, int64_t signer);
struct place places_read(struct work *work, pdf_obj *field);

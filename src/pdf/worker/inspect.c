#include "pdf/worker/inspect.h"

#include "pdf/worker/document.h"
#include "pdf/worker/page_place.h"
#include "pdf/worker/prepare.h"
#include "pdf/worker/scripts.h"

void inspect(struct work *work)
{
	struct script_facts scripts;
	struct form form;
	struct pdf_facts facts = {0};
	struct page_place *places = page_places(work, &facts.page_count);
	facts.pages = WORK_ARRAY(work, facts.page_count, struct pdf_page_size);
	for (size_t i = 0; i < facts.page_count; i++)
		facts.pages[i] = places[i].size;
	form_read(work, work->doc, &form);
	if (form.signed_count > 0)
		prepare_check_signed(work, &form);
	scripts_find(work, &scripts);
	document_check_whole(work);
	facts.signature_count = (int64_t)form.signed_count;
	facts.has_form = form.count > 0;
	facts.has_scripts = scripts.has_scripts;
	facts.has_files = scripts.has_files;
	answer_put_facts(work->answer, &facts);
}

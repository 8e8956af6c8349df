// Every page works without this. What it adds: chips and suggestions while addressing, showing a password, copying a
// code, drafts saved while one writes, a warning before unsent text or a recovery code is lost, all of a text again with the Back button,
// one tick for a whole list, a sentence where a picture or film cannot be shown, searching on until there is something to see, shortcuts, the message that was asked for in sight, what
// happens meanwhile, and figures that renew themselves.
import { showAsked } from './islands/asked';
import { enhanceCompose, enhanceGroup } from './islands/compose';
import { enhanceCodes } from './islands/code';
import { watchDownloads } from './islands/downloads';
import { keepDrafts } from './islands/drafts';
import { guardForms } from './islands/guard';
import { keepForms } from './islands/keep';
import { enhanceKeys } from './islands/keys';
import { listenLive } from './islands/live';
import { enhancePasswords } from './islands/password';
import { renewFigures } from './islands/overview';
import { enhancePeopleFind } from './islands/people_find';
import { watchPreview } from './islands/preview';
import { clearAfterDownloads, focusProblems } from './islands/problems';
import { enhanceRows } from './islands/rows';
import { enhanceSearch } from './islands/search';
import { enhanceShortcuts } from './islands/shortcuts';
import { enhanceTexts } from './islands/texts';
import { enhanceZone } from './islands/zone';

focusProblems();
clearAfterDownloads();
enhancePasswords();
enhanceCodes();
enhanceZone();
keepForms();
enhanceKeys();
enhanceCompose();
enhanceGroup();
keepDrafts(); // before the guard looks whether to ask
guardForms();
enhanceRows();
enhancePeopleFind();
showAsked();
watchPreview();
watchDownloads();
enhanceSearch();
enhanceTexts();
enhanceShortcuts();
renewFigures();
listenLive();

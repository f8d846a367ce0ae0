// What a page gains from JavaScript; every page works without it. Each part finds its elements by
// a data- attribute, makes no markup from text, and stands alone: collectstatic joins them here.
import "./copy.js";
import "./error-focus.js";
import "./live-form.js";
import "./local-time.js";
import "./passkeys.js";
import "./poll.js";
import "./select-all.js";

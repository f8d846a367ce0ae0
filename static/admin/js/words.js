// What the framework's script of a list calls for its words; these pages are in English alone.
globalThis.gettext = (words) => words;
globalThis.ngettext = (one, many, count) => (count === 1 ? one : many);
globalThis.interpolate = (words, values) => words.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

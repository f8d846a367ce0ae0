// data-error-focus: a summary of errors takes the focus, so that it is read first.
document.querySelector("[data-error-focus]")?.focus();

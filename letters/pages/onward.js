// What was sent too late goes on after the login by itself; without this, by its button.
document.querySelector("form[data-onward]")?.submit();

// What is not known yet is asked for again; without this, by its button.
setTimeout(() => location.reload(), 2000);

// <form data-confirm="Withdraw this complaint?"> asks before it is sent.
export function watchConfirmations(root: Document): void {
  root.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      const submitter = (event as SubmitEvent).submitter;
      const question = submitter?.dataset["confirm"] ?? form.dataset["confirm"];
      if (question && !window.confirm(question)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    { capture: true },
  );
}

// Say it on the page when a passkey was not used; allauth's script tells it by an event alone.
document.addEventListener("allauth.error", (event) => {
  const said = document.getElementById("passkey-said");
  if (!said) return;
  event.preventDefault();
  said.textContent = said.dataset.cancelled;
  said.hidden = false;
});

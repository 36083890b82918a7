/** Dialogs of the sign-in and of the account; the browser keeps the focus inside. */
export const dialogs = `<dialog class="dialog" data-part="sign-in" aria-labelledby="sign-in-title">
<div class="dialog-head"><h2 id="sign-in-title">Sign in with your Bitcoin address</h2>
<button type="button" class="quiet" data-action="close" aria-label="Close">✕</button></div>
<p>The wallet that you mine to signs a message. This costs nothing and moves no bitcoin.</p>
<form data-part="challenge" novalidate>
<label for="btc-address">Bitcoin address</label>
<input id="btc-address" name="btc_address" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="100" aria-describedby="sign-in-error">
<div class="row"><button class="primary">Get the message</button></div>
</form>
<form data-part="proof" novalidate hidden>
<label for="message">1. Sign exactly this message</label>
<textarea id="message" data-field="message" readonly rows="13"></textarea>
<div class="row"><button type="button" data-action="copy">Copy message</button>
<button type="button" data-action="wallet" hidden>Sign with <span data-field="wallet">wallet</span></button>
<span class="lead" data-field="copied" role="status"></span></div>
<label for="signature">2. Paste the signature</label>
<textarea id="signature" name="signature" rows="3" autocomplete="off" spellcheck="false" maxlength="4096" aria-describedby="sign-in-error formats"></textarea>
<p class="lead" id="formats" data-field="formats"></p>
<div class="row"><button class="primary">Sign in</button><button type="button" data-action="back">Other address</button></div>
</form>
<p class="error" id="sign-in-error" role="alert" data-field="sign-in-error"></p>
</dialog>
<dialog class="dialog" data-part="profile" aria-labelledby="profile-title">
<div class="dialog-head"><h2 id="profile-title">Your account</h2>
<button type="button" class="quiet" data-action="close" aria-label="Close">✕</button></div>
<p class="lead">Your addresses</p>
<ul class="addresses" data-field="addresses"></ul>
<form data-part="profile-form" novalidate>
<label for="display-name">Name on boards</label>
<input id="display-name" name="display_name" maxlength="64" autocomplete="nickname" aria-describedby="profile-message">
<label class="switch"><input type="checkbox" role="switch" name="is_public"> <span>Others may see my miners</span></label>
<div class="row"><button class="primary">Save</button><button type="button" data-action="sign-out">Sign out</button></div>
</form>
<p class="message" id="profile-message" role="status" data-field="profile-message"></p>
<p class="lead">You stay signed in until you close this tab or sign out.</p>
</dialog>`

"""The words column and table names are made of, by what they announce: English and nine other languages.

Phrases are compared without spaces and accents, so `first name` stands for firstName, FIRST_NAME and firstname.
Data only; `names` does the matching.
"""

from __future__ import annotations

from troth.catalog.detect.kinds import Kind

CERTAIN = {
    Kind.EMAIL: """email, e mail, email address, mail address, email addr, mail addr, courriel, correo,
        correo electronico, epost, e post, emailadresse, mailadresse, indirizzo email,
        adres email""",
    Kind.PHONE: """phone, phone number, phone no, phone nr, telephone, telefon, telefono, telefone,
        telefoon, telefonnummer, telefonnr, rufnummer, tel, tel no, tel nr, telno,
        mobile, mobile number, mobile phone, mobile no, mobiltelefon, mobilnummer,
        handy, handynummer, cell, cellphone, cell phone, celular, cellulare, movil,
        mobiel, portable, numero telephone, num tel, msisdn, fax, fax number, faxnummer,
        fax no, whatsapp, whatsapp number, komorka, puhelin, sms number, landline,
        contact number, phone home, phone work, numero telefono""",
    Kind.FIRST_NAME: """middle init, first name, fname, firstnm, given name, givenname, forename, vorname,
        nombre de pila, primer nombre, prenom, voornaam, imie, fornamn, fornavn,
        etunimi, middle name, middlename, mname, middle initial, second name, segundo
        nombre, nome proprio, pila, name first, christian name, rufname""",
    Kind.LAST_NAME: """last name, lname, lastnm, surname, family name, familyname, familienname, nachname,
        zuname, apellido, apellidos, apellido1, apellido2, apellido paterno, apellido
        materno, primer apellido, segundo apellido, nom de famille, nom famille,
        cognome, sobrenome, achternaam, nazwisko, efternamn, etternavn, sukunimi, maiden
        name, birth name, geburtsname, name last, mother maiden name""",
    Kind.FULL_NAME: """full name, fullname, person name, customer name, cust name, client name, employee
        name, emp name, patient name, contact name, user full name, billing name,
        shipping name, recipient name, holder name, cardholder, card holder, cardholder
        name, card holder name, name on card, account holder, account holder name,
        nombre completo, nombre y apellidos, nom complet, nome completo, vollstandiger
        name, kundenname, patientenname, mitarbeitername, ansprechpartner, contact
        person, contactperson, kontaktperson, legal name, real name, realname, guest
        name, passenger name, student name, teacher name, doctor name, owner name,
        author name, sender name, receiver name, addressee, empfangername, recipient
        full name, signatory, emergency contact, emergency contact name, next of kin,
        guardian, guardian name, parent name, spouse name, reviewer name, caller name,
        visitor name, applicant name, candidate name, agent name, driver name,
        beneficiary, beneficiary name, insured name, tenant name, from name, to name,
        assigned to name, attendee name, kontonavn, ship name, bill to name, ship to
        name, buyer name, seller name, referee name, titular""",
    Kind.USERNAME: """username, user name, login name, loginname, login, nickname, nick name, nick, screen
        name, screenname, display name, displayname, benutzername, anmeldename, nombre
        usuario, nombre de usuario, nom utilisateur, pseudo, pseudonym, gebruikersnaam,
        user login, userid login, gamertag, user handle, anvandarnamn, nome utente, user
        principal name""",
    Kind.HANDLE: """twitter, twitter handle, facebook, facebook id, facebook url, instagram, linkedin,
        linkedin url, linkedin profile, xing, telegram, telegram id, telegram handle,
        skype, skype id, discord, discord id, github, github username, tiktok, mastodon,
        snapchat, wechat, line id, social handle, social profile, profile url, slack id,
        slack user id, google id, apple id, social url, personal website, handle, signal
        number""",
    Kind.GENDER: """gender, sex, geschlecht, sexo, genero, sexe, sesso, geslacht, plec, kon, gender
        identity, kjonn""",
    Kind.BIRTH_DATE: """birth date, birthdate, birthday, birth day, date of birth, dob, d o b, born, born on,
        born at, birth year, year of birth, birth dt, geburtsdatum, gebdatum, geb datum,
        geburtstag, geburtsjahr, fecha nacimiento, fecha de nacimiento, fec nac, fecha
        nac, nacimiento, f nacimiento, date naissance, date de naissance, naissance,
        data nascita, data di nascita, nascita, data nascimento, data de nascimento,
        nascimento, geboortedatum, geb dat, data urodzenia, urodzenia, fodelsedatum,
        fodselsdato, syntymaaika, birth month, bdate, bday, birthdt""",
    Kind.BIRTH_PLACE: """birth place, birthplace, place of birth, city of birth, country of birth, birth city,
        birth country, geburtsort, lugar nacimiento, lugar de nacimiento, lieu
        naissance, lieu de naissance, luogo nascita, geboorteplaats, miejsce urodzenia""",
    Kind.NATIONALITY: """nationality, citizenship, nationalitat, staatsangehorigkeit, nacionalidad,
        nationalite, nazionalita, nationaliteit, obywatelstwo, nacionalidade, citizen of""",
    Kind.SALUTATION: "salutation, anrede, honorific, name prefix, name suffix, courtesy title, tratamiento, civilite",
    Kind.PHOTO: """avatar, avatar url, photo, photo url, profile photo, profile picture, profile image,
        picture url, portrait, foto, lichtbild, selfie, profile pic, headshot, face
        image, foto perfil""",
    Kind.SIGNATURE: "signature, unterschrift, firma digital, signature image, handtekening",
    Kind.NATIONAL_ID: """ssn, seguridad social, securite sociale, social security number, social security,
        social security no, national id, national identity number, national insurance
        number, nino, ni number, nhs number, nhs no, personal id number, dni, nie, dni
        nie, numero documento, documento identidad, bsn, burgerservicenummer, pesel,
        personnummer, fodselsnummer, henkilotunnus, cpf, curp, aadhaar, aadhar, aadhaar
        number, sozialversicherungsnummer, sv nummer, svnr, sv nr,
        rentenversicherungsnummer, nir, numero securite sociale, num secu, numero
        seguridad social, codice fiscale, id card number, identity number,
        ausweisnummer, sin number, medicare number, ahv nummer, cedula, nss, num ss, rg""",
    Kind.DOCUMENT: """passport, passport number, passport no, passport id, passnummer, reisepass,
        pasaporte, numero pasaporte, passeport, paszport, driver license, drivers
        license, driving licence, driver licence, license number driver, driver license
        number, drivers license number, fuhrerschein, fuhrerscheinnummer, id document,
        identity document, id card, personalausweis, visa number, residence permit""",
    Kind.TAX_ID: """tax id, tax number, tax no, tin, steuer id, steuerid, steuernummer,
        steueridentifikationsnummer, steuer nr, nif, nip, itin, pan number, numero
        fiscal, tax identification number, taxpayer id, tax file number""",
    Kind.MEMBER_NUMBER: """policy no, policy number, ins policy no, customer number, customer no, kundennummer,
        kundennr, kunden nr, member number, membership number, membership no,
        mitgliedsnummer, loyalty number, loyalty card, personalnummer, personal nr,
        employee number, employee no, staff number, matricule, matrikelnummer, numero
        cliente, num cliente, student number, mrn, medical record number, patient
        number, patient no, insurance number, insurance no, insurance policy number,
        versichertennummer, versicherungsnummer, policy holder number,
        krankenkassennummer, insurance id, insurance member id, payroll number, frequent
        flyer number, num expediente, badge number, numero historia, numero historia
        clinica, subscriber number""",
    Kind.JOB: """job title, jobtitle, job, occupation, profession, job position, beruf,
        berufsbezeichnung, puesto, cargo, profesion, poste, metier, mansione, functie,
        beroep, zawod, stanowisko, employer, arbeitgeber, work title, job role""",
    Kind.COMPANY: """company, company name, firma, firmenname, unternehmen, empresa, entreprise, societe,
        azienda, bedrijf, bedrijfsnaam, employer name, organisation name, organization
        name, nombre empresa, workplace""",
    Kind.FAMILY: """marital status, civil status, familienstand, estado civil, etat civil, stato civile,
        burgerlijke staat, children, number of children, num children, spouse,
        ehepartner, hijos, kinder, dependents, household size""",
    Kind.VEHICLE: """license plate, licence plate, plate number, number plate, kennzeichen, matricula
        vehiculo, vin, registration plate, kfz kennzeichen, car plate""",
    Kind.STREET: """street, street address, street name, address line, address line1, address line2,
        address1, address2, addr, addr1, addr2, addr line1, addr line2, home address,
        billing address, shipping address, delivery address, mailing address, postal
        address, residential address, bill to address, ship to address, shipto, ship to,
        ship address, strasse, str, hausnummer, haus nr, hausnr, strasse nr, house
        number, house no, apartment, apt, anschrift, wohnadresse, lieferadresse,
        rechnungsadresse, lieferanschrift, direccion, calle, domicilio, rue, indirizzo,
        endereco, rua, straat, huisnummer, huisnr, adres, ulica, gata, gatuadress,
        direccion envio, numero casa, piso, complemento, adresszusatz, location address,
        street1, street2, street line1, street line2, po box, postfach""",
    Kind.CITY: """city, town, stadt, wohnort, ciudad, ville, citta, cidade, stad, woonplaats, miasto,
        localidad, poblacion, municipio, commune, comune, kommune, suburb, billing city,
        shipping city, home city, city name, postort, miejscowosc, gemeinde, hometown,
        home town""",
    Kind.POSTCODE: """postcode, post code, postal code, postalcode, zip, zip code, zipcode, plz,
        postleitzahl, codigo postal, cod postal, cp, code postal, cap, cep, kod
        pocztowy, postnummer, postnr, pincode, pin code, postal, eircode, postcd""",
    Kind.REGION: """province, provincia, bundesland, county, prefecture, billing state, shipping state,
        state province, state or province, wojewodztwo, kanton, departement residence,
        home state, address state""",
    Kind.COUNTRY: """country, country code, country name, land, pais, pays, paese, kraj, billing country,
        shipping country, country of residence, residence country, country iso,
        landcode, ship country, residence""",
    Kind.GEO: """latitude, longitude, lat, lng, lon, long, latlng, lat lng, lat lon, geo, geolocation,
        geo location, gps, gps position, coordinates, coords, geopoint, breitengrad,
        langengrad, latitud, longitud, last location, current location, geo hash,
        geohash, last position, position gps""",
    Kind.IP: """ip, ip address, ipaddress, ip addr, ipaddr, ipv4, ipv6, client ip, remote ip, remote
        addr, user ip, remote address, last ip, last login ip, login ip, signup ip,
        direccion ip, adresse ip, ip adresse, source ip, src ip, host ip, x forwarded
        for, created ip, registration ip""",
    Kind.USER_AGENT: """user agent, useragent, browser, browser name, browser version, ua string, http user
        agent, navegador, browser fingerprint, operating system, os version, os name,
        device model, device os, screen size""",
    Kind.DEVICE: """device id, deviceid, device token, push token, fcm token, apns token, idfa, idfv,
        gaid, aaid, advertising id, ad id, imei, imsi, iccid, udid, mac, mac address,
        macaddress, device identifier, device uuid, device serial, device fingerprint,
        fingerprint id, installation id, id dispositivo, android id, push tokens,
        hardware id, registration token""",
    Kind.COOKIE: """cookie, cookie id, session id, sessionid, session key, session token, visitor id,
        visitorid, tracking id, client id ga, ga client id, anonymous id, anon id,
        fingerprint, gclid, fbclid, distinct id, visitor uuid, cid ga, sid""",
    Kind.SECRET: """password, passwd, pwd, passwort, kennwort, contrasena, contrasenia, mot de passe,
        motdepasse, wachtwoord, haslo, senha, password hash, passwordhash, pass hash,
        password digest, hashed password, encrypted password, password salt, salt,
        secret, api key, apikey, api token, access token, refresh token, auth token, otp
        secret, totp secret, mfa secret, two factor secret, remember token, reset token,
        reset password token, confirmation token, verification token, security answer,
        security question, pin hash, recovery codes, backup codes, private key, oauth
        token, pass word, invite token""",
    Kind.CARD: """card number, cardnumber, card no, card last4, last4, last four, card last four, card
        digits, cc number, ccnum, cc num, cc last4, credit card, creditcard, credit card
        number, debit card, debit card number, kreditkarte, kartennummer,
        kreditkartennummer, tarjeta, numero tarjeta, carte bancaire, numero carte, card
        pan, pan masked, masked pan, card brand, card type, card expiry, card exp, exp
        month, exp year, cvv, cvc, card bin, card fingerprint, ultimos digitos, card
        network, card issuer, card exp month, card exp year, tarjeta ultimos4""",
    Kind.BANK: """bank routing, bank no, iban, account number, account no, iban number, bic, swift,
        swift code, swift bic, bank account, bank account number, bank account no,
        account iban, kontonummer, konto nr, kontonr, kontoinhaber, bankverbindung,
        cuenta bancaria, numero cuenta, compte bancaire, conto corrente, rekeningnummer,
        numer konta, sort code, routing number, routing no, bank name, bank details,
        bankleitzahl, blz, bankleit zahl, clabe, paypal, paypal email, sepa mandate,
        payout account, bitcoin address, wallet address, cuenta, bank acct""",
    Kind.PAY: """salary, wage, wages, gehalt, lohn, salario, sueldo, salaire, stipendio, salaris,
        wynagrodzenie, income, annual income, annual salary, base salary, gross salary,
        net salary, hourly rate, bonus amount, pay grade, einkommen, net worth, credit
        score, kreditwurdigkeit, schufa, schufa score, compensation, payroll amount,
        bruttogehalt, nettogehalt, ingresos, monthly salary, credit limit, monthly
        income""",
    Kind.PREFERENCE: """opt in, optin, opted in, opt out, optout, opted out, marketing opt in, marketing opt
        out, email opt in, sms opt in, newsletter, newsletter opt in, subscribed,
        unsubscribed, consent, consents, marketing consent, gdpr consent, cookie
        consent, accepts marketing, marketing, do not call, do not contact, do not
        email, do not sell, preferences, preference, einwilligung, newsletter aktiv,
        newsletter abo, consentimiento, consentement, consenso, toestemming, zgoda,
        acepta publicidad, acepta marketing, interests, hobbies, intereses, werbung
        erlaubt, werbeeinwilligung, wants newsletter, email subscribed, allow tracking,
        dietary preference, diet, publicidad, communication preference, contact
        preference, notification settings, notification preferences, receives
        newsletter, suscrito""",
    Kind.HEALTH: """dx, dx code, dx desc, dx description, drug name, rx notes, disability flag, smoker
        flag, pregnant flag, historial medico, historia clinica, diagnosis, diagnoses,
        diagnose, diagnostico, diagnostic, diagnosi, diagnosis code, icd, icd10, icd
        code, icd10 code, blood type, blood group, blutgruppe, grupo sanguineo, groupe
        sanguin, allergy, allergies, allergie, allergien, alergias, alergia, medication,
        medications, medikament, medikamente, medicacion, medicamento, medicamentos,
        symptom, symptoms, symptome, sintomas, treatment, behandlung, tratamiento
        medico, treatment plan, disability, behinderung, discapacidad, schwerbehindert,
        grad der behinderung, health status, medical history, medical notes, medical
        condition, conditions, anamnese, prescription, rezept, vaccination, vaccinated,
        impfung, pregnant, schwanger, smoker, is smoker, raucher, fumador, bmi, blood
        pressure, heart rate, lab result, test result, sick leave, krankmeldung, sick
        days, krankheitstage, lab value, krankheit, clinical notes, weight kg, height
        cm, dosage, patient notes, befund, krankenkasse, motivo consulta, chief
        complaint, enfermedad, health insurance, hiv status, therapy""",
    Kind.BELIEF: """religion, religious affiliation, konfession, kirchensteuer, faith, religione,
        political party, political views, political affiliation, partei, union member,
        trade union, gewerkschaft, sindicato, afiliacion sindical, syndicat, beliefs,
        church""",
    Kind.ORIGIN: """ethnicity, ethnic group, ethnic origin, race, etnia, ethnie, rasse, raza, origine
        ethnique, tribe, caste""",
    Kind.ORIENTATION: "sexual orientation, orientation sexuelle, orientacion sexual, sexualitat, sexuality",
    Kind.BIOMETRIC: """fingerprint template, fingerprint image, face embedding, face template, faceprint,
        voiceprint, iris, retina, biometric, biometrics, dna, genome, genetic data, face
        id, huella, huella dactilar, fingerabdruck, voice sample""",
    Kind.CRIME: """criminal record, conviction, convictions, criminal history, vorstrafen,
        fuhrungszeugnis, antecedentes penales, background check, casier judiciaire,
        offence, arrest""",
    Kind.VISITED: """search query, search term, search terms, suchbegriff, page url, visited url,
        referrer, referer, referrer url, landing page, last page, page path, current
        url, request url, browsing history, watch history, query string, http referer,
        pagina visitada, viewed url, page view, search text""",
    Kind.FREE_TEXT: """note, notes, notiz, notizen, notas, nota, remark, remarks, bemerkung, bemerkungen,
        anmerkung, anmerkungen, kommentar, kommentare, comment, comments, comentario,
        comentarios, observaciones, observacion, observacoes, commentaire, commentaires,
        remarques, opmerking, opmerkingen, uwagi, message, messages, mensaje, mensajes,
        nachricht, nachrichten, bericht tekst, messaggio, mensagem, wiadomosc, message
        text, message body, body, body text, body html, mail body, email body, feedback,
        review text, review body, gift message, gift note, engraving, gravur,
        inscription, dedication, widmung, transcript, chat, chat text, chat message,
        complaint, beschwerde, testimonial, cover letter, anschreiben, about me, about,
        bio, biography, self description, customer note, internal note, internal notes,
        special instructions, delivery instructions, special requests, reply, reply
        text, answer text, free text, freitext, texto libre, memo, call notes, meeting
        notes, conversation, email subject, subject line, asunto, betreff, objet,
        inquiry, anfrage, post text, caption, description of issue, details of request,
        problem description, cancellation reason, reason for leaving, personal
        statement, resume, resume text, cv, lebenslauf, curriculum, contenido, inhalt,
        agent comment, order note, order notes, performance review, review comments,
        beurteilung, note text, summary text, texto, mitteilung, signature text, status
        text, status message, raw email""",
}
"""Names that announce their kind whatever the table."""

UNCERTAIN = {
    Kind.FULL_NAME: """name, nom, nombre, nome, naam, namn, navn, nimi, nazwa, composer, author, director,
        writer, photographer, editor, translator, performer, created by, updated by,
        assigned to, approved by, creator, responsible, bearbeiter, sachbearbeiter,
        autor, verfasser""",
    Kind.STREET: """address, adresse, adress, addresses, location, number, nr, numero, nummer, line1,
        line2, line, zusatz""",
    Kind.CITY: "place, ort, locality, plaats, lugar, by, location",
    Kind.REGION: "state, region, estado, etat, stato, area, district, distrito, region name",
    Kind.JOB: "title, titel, titulo, position, role title, designation, rank",
    Kind.AGE: "age, alter, edad, eta, leeftijd, wiek, idade",
    Kind.USERNAME: "user, alias, account name, usuario, benutzer, utente, account",
    Kind.FREE_TEXT: """text, content, description, beschreibung, descripcion, subject, details, detail,
        summary, reason, request, response, answer, question, instructions, value text,
        story, grund, motivo, thema, topic, inquiry type text, statement, opinion, query""",
    Kind.HANDLE: "website, homepage, url, web, webseite, link, blog, site, sitio web",
    Kind.VISITED: "url, path, page, uri, query, keyword, keywords, utm source, utm campaign, request path",
    Kind.PHOTO: "image, image url, picture, imagen, bild, img",
    Kind.PREFERENCE: "language, locale, lang, sprache, idioma, langue, preferred language, settings",
    Kind.USER_AGENT: "platform, device, device type, device name, os, timezone, time zone, client",
    Kind.COOKIE: "token, session, uuid, guid, fingerprint hash, external user id",
    Kind.PAY: "balance, saldo, credit",
    Kind.CARD: "brand, expiry, exp, network, payment method details",
    Kind.HEALTH: """weight, height, gewicht, groesse, grosse, result, condition, complaint, befund text,
        drug, dose, vital""",
    Kind.COMPANY: "organisation, organization, account name, institution, org, agency, school, university",
}
"""Names that announce a kind only where the table and its other columns bear it out."""

PERSON_TABLES = """person people human individual customer client user member employee staff worker
    colleague contact lead prospect patient student pupil teacher doctor nurse physician
    tenant guest visitor subscriber applicant candidate passenger driver owner author
    volunteer donor attendee participant player buyer seller agent account profile
    resident citizen child parent guardian beneficiary borrower reader recipient friend
    follower admin administrator operator technician therapist dentist caregiver shopper
    cardholder policyholder signatory lawyer persona cliente usuario empleado trabajador
    paciente alumno estudiante miembro socio contacto medico huesped inquilino ciudadano
    kunde kunden benutzer nutzer mitarbeiter mitarbeiterin angestellter personal patient
    patienten mitglied mitglieder ansprechpartner schuler studierende teilnehmer mieter
    gast gaste bewerber empfanger interessent personen klient klienten personne
    utilisateur employe salarie adherent membre locataire eleve etudiant persone utente
    utenti dipendente dipendenti paziente pazienti cliente clienti socio funcionario
    aluno klant klanten gebruiker medewerker werknemer patienten lid leden uzytkownik
    pracownik klient pacjent osoba crew directory registrant invitee tutor mentor coach
    speaker""".split()  # noqa: SIM905 easier to read as words

ORGANISATION_TABLES = """company companies organisation organization organisations organizations supplier
    vendor manufacturer partner business firm merchant store shop branch warehouse
    office department team school university hospital clinic airport venue restaurant
    hotel brand publisher label studio bank insurer agency proveedor proveedores empresa
    sucursal tienda almacen lieferant lieferanten firma firmen filiale abteilung
    unternehmen fournisseur entreprise magasin departement fornitore azienda leverancier
    bedrijf org departamento clinica hospitales facility location site depot station
    region city country institution praxis""".split()  # noqa: SIM905

PAY_TABLES = frozenset(
    "salary payroll wage payslip compensation bonus gehalt lohn salario nomina salaire paye".split()  # noqa: SIM905
)
"""Tables whose amounts are somebody's income."""

MESSAGE_TABLES = """message ticket comment review chat conversation email mail letter note post reply
    feedback thread inquiry complaint call activity correspondence nachricht anfrage
    mensaje reclamacion consulta interaction case request survey answer response support
    incident journal diary entry encounter visit appointment evaluation termin cita
    besuch engagement interview""".split()  # noqa: SIM905

TRACKING_TABLES = """log logs login session event visit pageview view hit click request audit access
    history activity tracking impression analytics search usage device""".split()  # noqa: SIM905

PLACE_TABLES = """store shop warehouse branch office airport venue restaurant hotel station city
    country region facility site depot location filiale tienda sucursal almacen""".split()  # noqa: SIM905

SYSTEM_TABLES = """schema migrations, django migrations, alembic version, flyway schema history,
        databasechangelog, databasechangeloglock, django content type, auth permission,
        auth group, spatial ref sys, knex migrations, ar internal metadata, sqlite
        sequence, goose db version"""
"""Bookkeeping of frameworks: nothing personal in it."""

PEOPLE_MODIFIERS = frozenset(PERSON_TABLES) | {
    *(
        "billing",
        "shipping",
        "delivery",
        "contact",
        "emergency",
        "spouse",
        "partner",
        "mother",
        "father",
        "cust",
    ),
    *(
        "emp",
        "sender",
        "receiver",
        "from",
        "to",
        "holder",
        "manager",
        "assignee",
        "creator",
        "reporter",
        "requester",
    ),
    *(
        "rep",
        "caller",
        "payer",
        "payee",
        "insured",
        "kunden",
        "patienten",
        "mitarbeiter",
        "full",
        "legal",
        "real",
        "maiden",
        "kontakt",
    ),
}
"""Words that, before `name`, make it a person's."""

NEGATING_TAILS = frozenset(
    """id ids type typ kind status verified confirmed validated valid at on date time count
    flag enabled sent template format domain provider optin key active bounced changed
    updated created required length size verification since until times attempts weight
    rate cents price score_id class level order sort position index idx allowed visible
    public method source version ref reference category codigo tipo fk pk group groups
    options option""".split()  # noqa: SIM905
)
"""Words after a match that make the column about something else: `email_verified`, `address_id`."""

NEGATING_HEADS = frozenset(
    """is has count total max min default allow send show require enable disable requires
    can should avg sum needs ignore hide tiene es ist hat anzahl""".split()  # noqa: SIM905
)
"""Words before a match that do the same: `has_phone`, `num_emails`."""

STATES = frozenset(
    """active inactive enabled disabled open closed pending new done cancelled canceled paid
    unpaid shipped draft archived deleted confirmed rejected approved waiting processing
    complete completed failed success suspended blocked activo inactivo baja alta
    abierto cerrado pendiente pagado enviado cancelado aktiv inaktiv offen geschlossen
    erledigt bezahlt storniert neu fertig gesperrt actif inactif ouvert ferme paye
    annule attivo aperto chiuso pagato yes no true false ok error on off""".split()  # noqa: SIM905
)
"""Values that are states of things, not of a country."""

GIVEN_NAMES = frozenset(
    """james john robert michael william david richard joseph thomas charles christopher
    daniel matthew anthony mark donald steven paul andrew joshua kenneth kevin brian
    george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan
    stephen larry justin scott brandon benjamin samuel frank gregory raymond alexander
    patrick jack dennis jerry tyler aaron jose adam henry nathan peter zachary kyle
    walter harold jeremy ethan carl keith roger noah liam lucas oliver logan mason
    elijah aiden leo max oscar hugo ben tim tom sam alex luke harry mary patricia
    jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa margaret betty
    sandra ashley dorothy kimberly emily donna michelle carol amanda melissa deborah
    stephanie rebecca laura sharon cynthia kathleen amy angela shirley anna ruth brenda
    pamela nicole katherine samantha christine emma catherine debra virginia rachel
    carolyn janet maria heather diane julie joyce victoria kelly christina joan evelyn
    olivia sophia isabella mia charlotte amelia ava chloe grace zoe lily ella hannah
    alice eva clara ada grace alan edsger hans peter klaus jurgen wolfgang heinz gunter
    stefan andreas bernd uwe karl manfred dieter ursula monika petra sabine renate helga
    brigitte ingrid erika claudia birgit heike martina gisela susanne angelika katharina
    lena lea felix jonas leon paul finn lukas jan niklas moritz tobias florian sebastian
    matthias markus sven antonio jose manuel francisco juan david javier jesus carlos
    daniel miguel rafael pedro pablo luis alejandro fernando jorge alberto sergio diego
    maria carmen josefa isabel ana lucia elena pilar dolores teresa cristina paula marta
    raquel rosa mercedes beatriz jean pierre michel philippe alain jacques bernard
    claude louis francois luc marie nathalie isabelle sylvie valerie sophie camille
    chantal giovanni giuseppe marco luca mario paolo andrea francesco roberto giulia
    chiara sara francesca elisa piotr krzysztof andrzej tomasz jan pawel anna katarzyna
    malgorzata agnieszka ewa magdalena zofia lars erik anders johan karin anneli bjorn
    freja ola kari mohammed muhammad ahmed ali omar hassan fatima aisha leila yusuf
    mehmet mustafa ayse zeynep wei ming li chen yuki hiroshi kenji sakura raj amit priya
    anjali rahul sanjay deepak sunita ravi arjun ananya olga ivan dmitri sergei natasha
    tatiana irina joao pedro ines rui tiago beatriz helena astrid luis leonie bjorn
    francois kara eduardo alexandre roberto fernanda jennifer frank dan heather kathy
    julia martha aaron ellie terhi ladislav hugh nils greta noor ines ibrahim sofia
    mateo""".split()  # noqa: SIM905
)
"""Common given names of many countries, without accents: enough to tell a column of people from one of things."""

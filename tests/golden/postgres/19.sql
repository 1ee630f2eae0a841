CREATE TABLE public.agent (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    name_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL,
    email_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    role smallint NOT NULL,
    created_at bigint NOT NULL,
    is_active boolean DEFAULT true NOT NULL
);
CREATE TABLE public.api_key (
    id uuid NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    hash text NOT NULL,
    grants jsonb NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint,
    expires_at bigint,
    revoked_at bigint,
    replaced_by_id uuid
);
CREATE TABLE public.api_key_workspace (
    api_key_id uuid NOT NULL,
    workspace_id uuid NOT NULL
);
CREATE TABLE public.change (
    workspace_id uuid NOT NULL,
    "position" bigint NOT NULL,
    name smallint NOT NULL,
    object_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    ticket_id uuid,
    conversation_id uuid,
    actor_kind smallint NOT NULL,
    actor_id uuid,
    fields jsonb,
    at bigint NOT NULL,
    internal boolean DEFAULT false NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.change_counter (
    workspace_id uuid NOT NULL,
    "position" bigint NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.conversation (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    name text,
    channel text NOT NULL,
    status smallint NOT NULL,
    snoozed_until bigint,
    message_count integer DEFAULT 0 NOT NULL,
    last_message_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    queue_id uuid,
    tags jsonb DEFAULT '[]'::jsonb NOT NULL,
    custom_fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    external_id text
);
CREATE TABLE public.conversation_agent (
    conversation_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    place smallint NOT NULL
);
CREATE TABLE public.conversation_team (
    conversation_id uuid NOT NULL,
    team_id uuid NOT NULL,
    place smallint NOT NULL
);
CREATE TABLE public.customer (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    name text,
    name_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    email text,
    email_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    phone text,
    company text,
    company_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    job_title text,
    location text,
    timezone text,
    is_vip boolean NOT NULL,
    priority_override smallint,
    tags jsonb NOT NULL,
    internal_notes text,
    external_id text,
    salesforce_contact_id text,
    hubspot_contact_id text,
    hubspot_company_id text,
    ticket_count integer DEFAULT 0 NOT NULL,
    open_ticket_count integer DEFAULT 0 NOT NULL,
    resolved_ticket_count integer DEFAULT 0 NOT NULL,
    resolution_ms_total bigint DEFAULT 0 NOT NULL,
    first_ticket_at bigint,
    last_ticket_at bigint,
    recent_score_count integer DEFAULT 0 NOT NULL,
    recent_score_sum integer DEFAULT 0 NOT NULL,
    newest_score_sum integer DEFAULT 0 NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    display_name text,
    first_name text,
    last_name text,
    username text,
    avatar_url text,
    display_color text,
    display_icon text,
    emails jsonb DEFAULT '[]'::jsonb NOT NULL,
    phones jsonb DEFAULT '[]'::jsonb NOT NULL,
    status smallint DEFAULT 1 NOT NULL,
    sentiment smallint DEFAULT 2 NOT NULL,
    custom_fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    signed_up_at bigint
);
CREATE TABLE public.customer_address (
    workspace_id uuid NOT NULL,
    email_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    customer_id uuid NOT NULL
);
CREATE TABLE public.customer_word (
    workspace_id uuid NOT NULL,
    word text NOT NULL COLLATE pg_catalog."C",
    customer_id uuid NOT NULL
);
CREATE TABLE public.epoch (
    workspace_id uuid NOT NULL,
    "position" bigint NOT NULL,
    id bigint NOT NULL,
    begun_at bigint NOT NULL
);
CREATE TABLE public.erased (
    workspace_id uuid NOT NULL,
    mark bytea NOT NULL,
    erased_at bigint NOT NULL
);
CREATE TABLE public.erasure_key (
    workspace_id uuid NOT NULL,
    key bytea NOT NULL
);
CREATE TABLE public.external_reference (
    workspace_id uuid NOT NULL,
    system text NOT NULL,
    kind smallint NOT NULL,
    external_id text NOT NULL,
    object_id uuid NOT NULL,
    told bytea,
    told_as text,
    read_as text
);
CREATE TABLE public.idempotency_key (
    holder_kind smallint NOT NULL,
    holder_id uuid NOT NULL,
    key text NOT NULL,
    arguments text NOT NULL,
    outcome text,
    used_at bigint NOT NULL
);
CREATE TABLE public.identity (
    id smallint NOT NULL,
    parts text NOT NULL
);
CREATE TABLE public.message (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    ticket_id uuid,
    direction smallint NOT NULL,
    sender_email text NOT NULL,
    sender_name text,
    sender_agent_id uuid,
    sender_customer_id uuid,
    body text NOT NULL,
    body_html text,
    sentiment_score smallint,
    created_at bigint NOT NULL,
    internal boolean DEFAULT false NOT NULL,
    attachments jsonb DEFAULT '[]'::jsonb NOT NULL
);
CREATE TABLE public.queue (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.seaql_migrations (
    version character varying NOT NULL,
    applied_at bigint NOT NULL
);
CREATE TABLE public.sync_place (
    workspace_id uuid NOT NULL,
    system text NOT NULL,
    resource text NOT NULL,
    place text NOT NULL,
    started_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.team (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.team_agent (
    team_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    place smallint NOT NULL
);
CREATE TABLE public.ticket (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    subject text NOT NULL,
    subject_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    status smallint NOT NULL,
    priority smallint NOT NULL,
    customer_email text NOT NULL,
    customer_name text,
    source text NOT NULL,
    assigned_to uuid,
    resolution_type text,
    tags jsonb NOT NULL,
    message_count integer DEFAULT 0 NOT NULL,
    last_message_at bigint,
    resolved_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    team_id uuid,
    queue_id uuid,
    custom_fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    follow_up_of_id uuid
);
CREATE TABLE public.word_index (
    version integer NOT NULL,
    last_id uuid,
    is_complete boolean NOT NULL
);
CREATE TABLE public.workspace (
    id uuid NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL
);
INSERT INTO public.agent VALUES ('01a22bba-8dcc-7063-bf12-b09b05a679d6', '01a22bba-8d66-72d7-a211-b6e6025135ec', 'Kim Kay', 'kim kay', 'kim@agents.example.com', 'kim@agents.example.com', 2, 1796029976012, true);
INSERT INTO public.api_key VALUES ('01a22bba-8e26-7251-92ed-489f0ae0c933', 'site', 'dk_IXBZosZ', 'cda3585fe7f5adcb103977a6bb9994c7b8a76cfcd86926a3670f933557fbf546', '["read"]', 1796029976102, NULL, NULL, NULL, NULL);
INSERT INTO public.api_key_workspace VALUES ('01a22bba-8e26-7251-92ed-489f0ae0c933', '01a22bba-8d66-72d7-a211-b6e6025135ec');
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 1, 11, '01a22bba-8e74-762b-aca8-ff6ed1fc8542', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', NULL, NULL, 4, NULL, NULL, 1796029976181, false, 0);
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 2, 11, '01a22bba-8e74-762b-aca8-ff6f0d76ff07', '01a22bba-8e74-762b-aca8-ff6f0d76ff07', NULL, NULL, 4, NULL, NULL, 1796029976181, false, 0);
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 3, 31, '01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', NULL, '01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', 4, NULL, NULL, 1796029976185, false, 0);
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 4, 21, '01a22bba-8e78-72c0-b674-3fe4afe9093a', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', '01a22bba-8e78-72c0-b674-3fe4afe9093a', '01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', 4, NULL, NULL, 1796029976185, false, 0);
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 5, 31, '01a22bba-8e78-72c0-b674-3fe54c438da0', '01a22bba-8e74-762b-aca8-ff6f0d76ff07', NULL, '01a22bba-8e78-72c0-b674-3fe54c438da0', 4, NULL, NULL, 1796029976185, false, 0);
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 6, 21, '01a22bba-8e78-72c0-b674-3fe63a0e86a4', '01a22bba-8e74-762b-aca8-ff6f0d76ff07', '01a22bba-8e78-72c0-b674-3fe63a0e86a4', '01a22bba-8e78-72c0-b674-3fe54c438da0', 4, NULL, NULL, 1796029976185, false, 0);
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 7, 41, '01a22bba-8e7f-7689-b965-ad05864749b5', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', '01a22bba-8e78-72c0-b674-3fe4afe9093a', '01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', 4, NULL, NULL, 1796029976192, false, 0);
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 8, 41, '01a22bba-8e7f-7689-b965-ad0627e7fffc', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', '01a22bba-8e78-72c0-b674-3fe4afe9093a', '01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', 4, NULL, NULL, 1796029976192, false, 0);
INSERT INTO public.change VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 9, 41, '01a22bba-8e7f-7689-b965-ad07ac4aad69', '01a22bba-8e74-762b-aca8-ff6f0d76ff07', '01a22bba-8e78-72c0-b674-3fe63a0e86a4', '01a22bba-8e78-72c0-b674-3fe54c438da0', 4, NULL, NULL, 1796029976192, false, 0);
INSERT INTO public.change_counter VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 9, 0);
INSERT INTO public.conversation VALUES ('01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', '01a22bba-8d66-72d7-a211-b6e6025135ec', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', 'Cannot sign in', 'email', 1, NULL, 2, 1705318200000, 1705314600000, 1705314600000, 1, NULL, '[]', '{}', NULL);
INSERT INTO public.conversation VALUES ('01a22bba-8e78-72c0-b674-3fe54c438da0', '01a22bba-8d66-72d7-a211-b6e6025135ec', '01a22bba-8e74-762b-aca8-ff6f0d76ff07', 'Invoice', 'chat', 1, NULL, 1, 1707993000000, 1707993000000, 1707993000000, 1, NULL, '[]', '{}', NULL);
INSERT INTO public.customer VALUES ('01a22bba-8e74-762b-aca8-ff6ed1fc8542', '01a22bba-8d66-72d7-a211-b6e6025135ec', 'Ann Lee', 'ann lee', 'Ann.Lee@example.com', 'ann.lee@example.com', '+1-555-0100', 'Acme Corp', 'acme corp', 'CTO', NULL, 'Europe/Berlin', true, 3, '["early", "it''s"]', 'Prefers mail', NULL, NULL, NULL, NULL, 1, 1, 0, 0, 1705314600000, 1705314600000, 1, -5610, -5610, 1705314600000, 1705401000000, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[{"type": null, "email": "Ann.Lee@example.com", "primary": true, "verified": false}]', '[{"type": null, "phone": "+1-555-0100", "primary": true}]', 1, 2, '{}', NULL);
INSERT INTO public.customer VALUES ('01a22bba-8e74-762b-aca8-ff6f0d76ff07', '01a22bba-8d66-72d7-a211-b6e6025135ec', 'Ben Ödegård', 'ben ödegård', 'ben@example.com', 'ben@example.com', NULL, NULL, '', NULL, NULL, NULL, false, NULL, '[]', NULL, NULL, NULL, NULL, NULL, 1, 0, 1, 86400000, 1707993000000, 1707993000000, 1, 7574, 7574, 1707993000000, 1707993000000, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[{"type": null, "email": "ben@example.com", "primary": true, "verified": false}]', '[]', 1, 2, '{}', NULL);
INSERT INTO public.customer_address VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'ann.lee@example.com', '01a22bba-8e74-762b-aca8-ff6ed1fc8542');
INSERT INTO public.customer_address VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'ben@example.com', '01a22bba-8e74-762b-aca8-ff6f0d76ff07');
INSERT INTO public.external_reference VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'keva', 1, 'c1', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', NULL, NULL, NULL);
INSERT INTO public.external_reference VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'keva', 1, 'c2', '01a22bba-8e74-762b-aca8-ff6f0d76ff07', NULL, NULL, NULL);
INSERT INTO public.external_reference VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'keva', 2, 't1', '01a22bba-8e78-72c0-b674-3fe4afe9093a', NULL, NULL, NULL);
INSERT INTO public.external_reference VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'keva', 2, 't2', '01a22bba-8e78-72c0-b674-3fe63a0e86a4', NULL, NULL, NULL);
INSERT INTO public.external_reference VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'keva', 4, 'm1', '01a22bba-8e7f-7689-b965-ad05864749b5', NULL, NULL, NULL);
INSERT INTO public.external_reference VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'keva', 4, 'm2', '01a22bba-8e7f-7689-b965-ad0627e7fffc', NULL, NULL, NULL);
INSERT INTO public.external_reference VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'keva', 4, 'm3', '01a22bba-8e7f-7689-b965-ad07ac4aad69', NULL, NULL, NULL);
INSERT INTO public.message VALUES ('01a22bba-8e7f-7689-b965-ad05864749b5', '01a22bba-8d66-72d7-a211-b6e6025135ec', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', '01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', '01a22bba-8e78-72c0-b674-3fe4afe9093a', 1, 'ann.lee@example.com', 'Ann Lee', NULL, '01a22bba-8e74-762b-aca8-ff6ed1fc8542', 'I can''t sign in. This is terrible.', '<p>I can''t sign in.</p>', -5610, 1705314600000, false, '[]');
INSERT INTO public.message VALUES ('01a22bba-8e7f-7689-b965-ad0627e7fffc', '01a22bba-8d66-72d7-a211-b6e6025135ec', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', '01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', '01a22bba-8e78-72c0-b674-3fe4afe9093a', 2, 'kim@agents.example.com', NULL, '01a22bba-8dcc-7063-bf12-b09b05a679d6', NULL, 'We look into it.', NULL, NULL, 1705318200000, false, '[]');
INSERT INTO public.message VALUES ('01a22bba-8e7f-7689-b965-ad07ac4aad69', '01a22bba-8d66-72d7-a211-b6e6025135ec', '01a22bba-8e74-762b-aca8-ff6f0d76ff07', '01a22bba-8e78-72c0-b674-3fe54c438da0', '01a22bba-8e78-72c0-b674-3fe63a0e86a4', 1, 'ben@example.com', NULL, NULL, '01a22bba-8e74-762b-aca8-ff6f0d76ff07', 'Thank you, that is wonderful!', NULL, 7574, 1707993000000, false, '[]');
INSERT INTO public.seaql_migrations VALUES ('m20261121_000001_create_people', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000002_create_threads', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000003_create_change_log', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000004_teach_sqlite_sizes', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000005_widen_customers', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000006_create_sync_place', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000007_create_teams_and_queues', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000008_create_idempotency_key', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000009_add_internal_messages', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000011_add_replaced_keys', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261121_000012_add_filter_indexes', 1796030045);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000013_mend_early_tables', 1796045494);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000014_key_addresses_anew', 1796045494);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000015_create_epochs', 1796088948);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000016_remember_sources', 1796088948);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000017_add_follow_ups', 1796088948);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000018_create_customer_words', 1796088948);
INSERT INTO public.seaql_migrations VALUES ('m20261130_000019_widen_imports', 1796088948);
INSERT INTO public.ticket VALUES ('01a22bba-8e78-72c0-b674-3fe4afe9093a', '01a22bba-8d66-72d7-a211-b6e6025135ec', '01a22bba-8e74-762b-aca8-ff6ed1fc8542', '01a22bba-8e78-72c0-b674-3fe3b0e2fe5f', 'Cannot sign in', 'cannot sign in', 1, 3, 'ann.lee@example.com', 'Ann Lee', 'email', NULL, NULL, '["login"]', 2, 1705318200000, NULL, 1705314600000, 1705314600000, 1, NULL, NULL, '{}', NULL);
INSERT INTO public.ticket VALUES ('01a22bba-8e78-72c0-b674-3fe63a0e86a4', '01a22bba-8d66-72d7-a211-b6e6025135ec', '01a22bba-8e74-762b-aca8-ff6f0d76ff07', '01a22bba-8e78-72c0-b674-3fe54c438da0', 'Invoice', 'invoice', 3, 1, 'ben@example.com', 'Ben Ödegård', 'chat', NULL, 'answered', '[]', 1, 1707993000000, 1708079400000, 1707993000000, 1708079400000, 1, NULL, NULL, '{}', NULL);
INSERT INTO public.word_index VALUES (1, NULL, false);
INSERT INTO public.workspace VALUES ('01a22bba-8d66-72d7-a211-b6e6025135ec', 'Acme', 1796029975910);
ALTER TABLE ONLY public.agent
    ADD CONSTRAINT agent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_key_workspace
    ADD CONSTRAINT api_key_workspace_pkey PRIMARY KEY (api_key_id, workspace_id);
ALTER TABLE ONLY public.change_counter
    ADD CONSTRAINT change_counter_pkey PRIMARY KEY (workspace_id);
ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (workspace_id, "position");
ALTER TABLE ONLY public.conversation_agent
    ADD CONSTRAINT conversation_agent_pkey PRIMARY KEY (conversation_id, agent_id);
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conversation_team
    ADD CONSTRAINT conversation_team_pkey PRIMARY KEY (conversation_id, team_id);
ALTER TABLE ONLY public.customer_address
    ADD CONSTRAINT customer_address_pkey PRIMARY KEY (workspace_id, email_key);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customer_word
    ADD CONSTRAINT customer_word_pkey PRIMARY KEY (workspace_id, word, customer_id);
ALTER TABLE ONLY public.epoch
    ADD CONSTRAINT epoch_pkey PRIMARY KEY (workspace_id, "position");
ALTER TABLE ONLY public.erased
    ADD CONSTRAINT erased_pkey PRIMARY KEY (workspace_id, mark);
ALTER TABLE ONLY public.erasure_key
    ADD CONSTRAINT erasure_key_pkey PRIMARY KEY (workspace_id);
ALTER TABLE ONLY public.external_reference
    ADD CONSTRAINT external_reference_pkey PRIMARY KEY (workspace_id, system, kind, external_id);
ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (holder_kind, holder_id, key);
ALTER TABLE ONLY public.identity
    ADD CONSTRAINT identity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.seaql_migrations
    ADD CONSTRAINT seaql_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.sync_place
    ADD CONSTRAINT sync_place_pkey PRIMARY KEY (workspace_id, system, resource);
ALTER TABLE ONLY public.team_agent
    ADD CONSTRAINT team_agent_pkey PRIMARY KEY (team_id, agent_id);
ALTER TABLE ONLY public.team
    ADD CONSTRAINT team_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.word_index
    ADD CONSTRAINT word_index_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.workspace
    ADD CONSTRAINT workspace_pkey PRIMARY KEY (id);
CREATE INDEX agent_created ON public.agent USING btree (workspace_id, created_at, id);
CREATE UNIQUE INDEX agent_email ON public.agent USING btree (workspace_id, email_key);
CREATE UNIQUE INDEX api_key_hash ON public.api_key USING btree (hash);
CREATE INDEX change_of_object ON public.change USING btree (object_id, "position");
CREATE INDEX conversation_agent_of_agent ON public.conversation_agent USING btree (agent_id);
CREATE INDEX conversation_asleep ON public.conversation USING btree (COALESCE(snoozed_until, (0)::bigint), id) WHERE (status = 2);
CREATE INDEX conversation_by_channel ON public.conversation USING btree (workspace_id, lower((channel COLLATE "C")), created_at, id);
CREATE INDEX conversation_by_status ON public.conversation USING btree (workspace_id, status, created_at, id);
CREATE INDEX conversation_created ON public.conversation USING btree (workspace_id, created_at, id);
CREATE UNIQUE INDEX conversation_external_id ON public.conversation USING btree (workspace_id, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX conversation_last_message ON public.conversation USING btree (workspace_id, COALESCE(last_message_at, (0)::bigint), id);
CREATE INDEX conversation_of_customer ON public.conversation USING btree (customer_id, created_at, id);
CREATE INDEX conversation_of_queue ON public.conversation USING btree (queue_id, created_at, id) WHERE (queue_id IS NOT NULL);
CREATE INDEX conversation_team_of_team ON public.conversation_team USING btree (team_id);
CREATE INDEX conversation_updated ON public.conversation USING btree (workspace_id, updated_at, id);
CREATE INDEX customer_address_of_customer ON public.customer_address USING btree (customer_id);
CREATE INDEX customer_by_company ON public.customer USING btree (workspace_id, company_key, id);
CREATE INDEX customer_by_email ON public.customer USING btree (workspace_id, email_key, id);
CREATE INDEX customer_by_external_id ON public.customer USING btree (workspace_id, lower((external_id COLLATE "C")), id);
CREATE INDEX customer_by_name ON public.customer USING btree (workspace_id, name_key, id);
CREATE INDEX customer_created ON public.customer USING btree (workspace_id, created_at, id);
CREATE UNIQUE INDEX customer_external_id ON public.customer USING btree (workspace_id, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX customer_last_ticket ON public.customer USING btree (workspace_id, COALESCE(last_ticket_at, (0)::bigint), id);
CREATE INDEX customer_updated ON public.customer USING btree (workspace_id, updated_at, id);
CREATE INDEX customer_word_of_customer ON public.customer_word USING btree (customer_id, word);
CREATE INDEX external_reference_of_object ON public.external_reference USING btree (object_id);
CREATE INDEX idempotency_key_used ON public.idempotency_key USING btree (used_at);
CREATE INDEX message_of_conversation ON public.message USING btree (conversation_id, created_at, id);
CREATE INDEX message_of_customer ON public.message USING btree (customer_id, created_at, id);
CREATE INDEX message_of_ticket ON public.message USING btree (ticket_id, created_at, id);
CREATE INDEX queue_of_workspace ON public.queue USING btree (workspace_id, created_at, id);
CREATE INDEX team_agent_of_agent ON public.team_agent USING btree (agent_id);
CREATE INDEX team_of_workspace ON public.team USING btree (workspace_id, created_at, id);
CREATE INDEX ticket_by_priority ON public.ticket USING btree (workspace_id, priority, id);
CREATE INDEX ticket_by_source ON public.ticket USING btree (workspace_id, lower((source COLLATE "C")), created_at, id);
CREATE INDEX ticket_by_status ON public.ticket USING btree (workspace_id, status, created_at, id);
CREATE INDEX ticket_created ON public.ticket USING btree (workspace_id, created_at, id);
CREATE INDEX ticket_in_order_of_status ON public.ticket USING btree (workspace_id, status, id);
CREATE INDEX ticket_last_message ON public.ticket USING btree (workspace_id, COALESCE(last_message_at, (0)::bigint), id);
CREATE INDEX ticket_of_agent ON public.ticket USING btree (assigned_to, created_at, id) WHERE (assigned_to IS NOT NULL);
CREATE INDEX ticket_of_agent_by_status ON public.ticket USING btree (assigned_to, status, created_at, id) WHERE (assigned_to IS NOT NULL);
CREATE INDEX ticket_of_conversation ON public.ticket USING btree (conversation_id, created_at, id);
CREATE INDEX ticket_of_customer ON public.ticket USING btree (customer_id, created_at, id);
CREATE INDEX ticket_of_followed ON public.ticket USING btree (follow_up_of_id, created_at, id) WHERE (follow_up_of_id IS NOT NULL);
CREATE INDEX ticket_of_queue ON public.ticket USING btree (queue_id, created_at, id) WHERE (queue_id IS NOT NULL);
CREATE INDEX ticket_of_queue_by_status ON public.ticket USING btree (queue_id, status, created_at, id) WHERE (queue_id IS NOT NULL);
CREATE INDEX ticket_of_team ON public.ticket USING btree (team_id, created_at, id) WHERE (team_id IS NOT NULL);
CREATE INDEX ticket_of_team_by_status ON public.ticket USING btree (team_id, status, created_at, id) WHERE (team_id IS NOT NULL);
CREATE INDEX ticket_unassigned ON public.ticket USING btree (workspace_id, status, created_at, id) WHERE (assigned_to IS NULL);
CREATE INDEX ticket_updated ON public.ticket USING btree (workspace_id, updated_at, id);
ALTER TABLE ONLY public.agent
    ADD CONSTRAINT agent_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.api_key_workspace
    ADD CONSTRAINT api_key_workspace_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES public.api_key(id);
ALTER TABLE ONLY public.api_key_workspace
    ADD CONSTRAINT api_key_workspace_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.change_counter
    ADD CONSTRAINT change_counter_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.conversation_agent
    ADD CONSTRAINT conversation_agent_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agent(id);
ALTER TABLE ONLY public.conversation_agent
    ADD CONSTRAINT conversation_agent_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id);
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id);
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES public.queue(id);
ALTER TABLE ONLY public.conversation_team
    ADD CONSTRAINT conversation_team_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id);
ALTER TABLE ONLY public.conversation_team
    ADD CONSTRAINT conversation_team_team_id_fkey FOREIGN KEY (team_id) REFERENCES public.team(id);
ALTER TABLE ONLY public.customer_address
    ADD CONSTRAINT customer_address_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.epoch
    ADD CONSTRAINT epoch_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.erased
    ADD CONSTRAINT erased_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.erasure_key
    ADD CONSTRAINT erasure_key_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES public.ticket(id);
ALTER TABLE ONLY public.queue
    ADD CONSTRAINT queue_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.sync_place
    ADD CONSTRAINT sync_place_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.team_agent
    ADD CONSTRAINT team_agent_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agent(id);
ALTER TABLE ONLY public.team_agent
    ADD CONSTRAINT team_agent_team_id_fkey FOREIGN KEY (team_id) REFERENCES public.team(id);
ALTER TABLE ONLY public.team
    ADD CONSTRAINT team_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES public.workspace(id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_assigned_to_fkey FOREIGN KEY (assigned_to) REFERENCES public.agent(id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversation(id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES public.queue(id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_team_id_fkey FOREIGN KEY (team_id) REFERENCES public.team(id);

"""The relational tables of people: users, whom they belong to, how they sign in. No behaviour.

Of every secret that somebody may show, only a hash is kept.
"""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from eventlens.catalog.base import Base, UtcDateTime

_ROLES = "role IN ('owner', 'admin', 'editor', 'viewer')"


class UserRow(Base):
    """A person who signs in. Without a password hash there is no way to sign in with a password."""

    __tablename__ = "analytics_users"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case."""
    name: Mapped[str] = mapped_column(String(200), server_default="")
    password_hash: Mapped[str | None] = mapped_column(String(255))
    totp_nonce: Mapped[str | None] = mapped_column(String(32))
    """With the installation's key it gives the secret of the second factor, which is kept nowhere."""
    totp_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a first code proved that the user has the secret; until then it protects nothing."""
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    """Of the last code taken: none is taken twice."""
    email_proven: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Whether the address is known to be the user's: then an account elsewhere with it is theirs too."""
    owner: Mapped[bool] = mapped_column(Boolean)
    """Owns the installation: may do everything in every project."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OrganisationMemberRow(Base):
    """What a user may do in an organisation and in each of its projects."""

    __tablename__ = "analytics_organisation_members"
    __table_args__ = (CheckConstraint(_ROLES, name="role"),)

    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_organisations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MemberRow(Base):
    """What a user may do in a single project, beside what the organisation gives."""

    __tablename__ = "analytics_members"

    project_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInRow(Base):
    """A browser in which a user is signed in."""

    __tablename__ = "analytics_sign_ins"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("analytics_users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    agent: Mapped[str] = mapped_column(String(200))
    """Browser and system in words."""
    address: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class LinkRow(Base):
    """A link that lets whoever has it choose a new password for an account, once."""

    __tablename__ = "analytics_links"
    __table_args__ = (CheckConstraint("kind IN ('setup', 'reset')", name="kind"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("analytics_users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvitationRow(Base):
    """A link that makes whoever has it a member, once: of an organisation or of one of its projects."""

    __tablename__ = "analytics_invitations"
    __table_args__ = (CheckConstraint(_ROLES, name="role"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_organisations.id", ondelete="CASCADE"), index=True
    )
    project_id: Mapped[str | None] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(254))
    """For whom it is; '' for anybody who has the link."""
    role: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCodeRow(Base):
    """A code that stands in for a lost second factor, once."""

    __tablename__ = "analytics_recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("analytics_users.id", ondelete="CASCADE"), index=True)


class ApiTokenRow(Base):
    """What a user's own programs show instead of signing in."""

    __tablename__ = "analytics_api_tokens"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("analytics_users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class IdentityRow(Base):
    """An account elsewhere with which a user signs in."""

    __tablename__ = "analytics_identities"

    provider: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The account's id there, which does not change when its address does."""
    user_id: Mapped[str] = mapped_column(ForeignKey("analytics_users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditRow(Base):
    """Something that somebody changed. It refers to nothing, so that it outlives what it tells of."""

    __tablename__ = "analytics_audit"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor_id: Mapped[str] = mapped_column(String(36))
    actor: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[str] = mapped_column(String(36), index=True)
    project_id: Mapped[str] = mapped_column(String(64), index=True)
    details: Mapped[dict[str, str]] = mapped_column(JSON)

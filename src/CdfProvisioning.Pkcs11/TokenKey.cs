using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Numerics;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Net.Pkcs11Interop.Common;

namespace CdfProvisioning.Pkcs11;

/// <summary>A private key in a token. A session serves one thread at a time, and opening one is dear: each signature borrows one.</summary>
internal sealed class TokenKey : RemoteKey
{
    private readonly Token _token;
    private readonly ConcurrentBag<KeySession> _idle = [];
    private readonly bool _asksEachTime;

    private TokenKey(Token token, KeySession session, string name, PublicKey publicKey, bool asksEachTime)
        : base(token.Uri.Text, name, publicKey)
    {
        (_token, _asksEachTime) = (token, asksEachTime);
        _idle.Add(session);
    }

    /// <exception cref="CdfException">NotFound: no such token or key; InvalidRequest: no CA's key; AccessDenied: the PIN; Unavailable.</exception>
    public static TokenKey Open(KeyUri uri, PinSource pin)
    {
        if (uri["type"] is not (null or "private"))
            throw CdfErrorCode.InvalidRequest.Error($"The key URI '{IotNames.Shown(uri.Text)}' names an object of type '{IotNames.Shown(uri["type"]!)}': a CA signs with one of type 'private'.");
        if (uri["object"] is null && uri["id"] is null)
            throw CdfErrorCode.InvalidRequest.Error($"The key URI '{IotNames.Shown(uri.Text)}' names no key: add its label or id (;object=ca).");

        var token = Token.Open(uri, pin);
        try
        {
            var session = token.OpenSession();
            var (name, publicKey, asksEachTime) = KeyObject.Describe(session, uri);
            return new TokenKey(token, session, name, publicKey, asksEachTime);
        }
        catch (Exception e)
        {
            token.Dispose();
            if (e is Pkcs11Exception failure)
                throw TokenFailures.Translate(failure, uri);
            throw;
        }
    }

    public override void Dispose()
    {
        foreach (var session in _idle)
            session.Dispose();
        _idle.Clear();
        _token.Dispose();
    }

    /// <summary>A token that was reset or plugged in again knows its sessions no more: once a new one is tried.</summary>
    protected override byte[] SignHash(byte[] hash)
    {
        try
        {
            if (_idle.TryTake(out var session))
            {
                try
                {
                    return Sign(session, hash);
                }
                catch (Pkcs11Exception e) when (TokenFailures.IsOfSession(e.RV))
                {
                    session.Dispose();
                }
            }
            return Sign(_token.OpenSession(), hash);
        }
        catch (Pkcs11Exception e)
        {
            throw TokenFailures.Translate(e, _token.Uri);
        }
    }

    private byte[] Sign(KeySession session, byte[] hash)
    {
        byte[] signature;
        try
        {
            var isRsa = PublicKey.Algorithm == KeyAlgorithm.Rsa;
            var mechanism = TokenModule.Factories.MechanismFactory.Create(isRsa ? CKM.CKM_RSA_PKCS : CKM.CKM_ECDSA);
            var data = isRsa ? DigestInfo(hash) : hash;
            signature = _asksEachTime
                ? session.Session.Sign(mechanism, session.Key, _token.ReadPin(), data)
                : session.Session.Sign(mechanism, session.Key, data);
            if (!isRsa)
                signature = DerSequence(signature);
        }
        catch
        {
            session.Dispose();
            throw;
        }
        _idle.Add(session);
        return signature;
    }

    /// <summary>What PKCS#1 pads (RFC 8017, section 9.2): the hash, which is SHA-256, and its name.</summary>
    private static byte[] DigestInfo(byte[] hash)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.Sha256);
                writer.WriteNull();
            }
            writer.WriteOctetString(hash);
        }
        return writer.Encode();
    }

    /// <summary>Two numbers of equal length (PKCS#11) as a certificate has them (RFC 3279).</summary>
    private static byte[] DerSequence(byte[] signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(signature.AsSpan(0, signature.Length / 2), isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(signature.AsSpan(signature.Length / 2), isUnsigned: true, isBigEndian: true));
        }
        return writer.Encode();
    }
}
